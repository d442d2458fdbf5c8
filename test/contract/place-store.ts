import { describe, expect, it } from 'vitest';
import type { PlaceStore } from '../../src/lib/place-store.ts';

/** What holds for every store of places. `make` makes an empty one; `pass` lets some time pass. */
export function testPlaceStore(
  title: string,
  make: () => PlaceStore,
  pass: () => Promise<void> = async () => {},
): void {
  describe(`${title}, as every store of places,`, () => {
    it('knows who has been where, and nobody else', async () => {
      const store = make();
      await store.add('anna', 'home');
      await store.add('anna', 'home');
      expect(await store.has('anna', 'home')).toBe(true);
      expect(await store.has('anna', 'office')).toBe(false);
      expect(await store.has('berta', 'home')).toBe(false);
      expect(await store.of('anna')).toEqual(['home']);
      expect(await store.of('berta')).toEqual([]);
    });

    it('keeps the eight places where somebody was last', async () => {
      const store = make();
      for (let index = 0; index < 8; index += 1) {
        await store.add('anna', `n${String(index)}`);
        await pass();
      }
      await store.add('anna', 'n0');
      await pass();
      for (const place of ['n8', 'n9']) {
        await store.add('anna', place);
        await pass();
      }
      const kept = ['n0', 'n3', 'n4', 'n5', 'n6', 'n7', 'n8', 'n9'];
      expect([...(await store.of('anna'))].toSorted()).toEqual(kept);
      expect(await store.has('anna', 'n0')).toBe(true);
      expect(await store.has('anna', 'n1')).toBe(false);
    });
  });
}
