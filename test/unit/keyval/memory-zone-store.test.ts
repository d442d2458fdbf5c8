import { expect, it } from 'vitest';
import { MemoryZoneStore } from '../../../src/keyval/memory-zone-store.ts';
import { testZoneStore } from '../../contract/zone-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const clock = new ManualClock();

testZoneStore(
  'the memory store',
  () =>
    Promise.resolve({
      store: new MemoryZoneStore(clock),
      openSession: () => Promise.resolve(null),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
  (ms) => {
    clock.advance(ms);
    return Promise.resolve();
  },
);

it('walks through a zone once a second, however much is written', async () => {
  const store = new MemoryZoneStore(clock);
  const bounds = { name: 'z', entriesMax: 3 };
  const add = (key: string, livesMs: number | null) =>
    store.write(bounds, { deed: 'add', entries: [{ key, value: 'x', livesMs }] });
  expect((await add('a', null)).kind).toBe('written');
  for (const key of ['b', 'c']) expect((await add(key, 100)).kind).toBe('written');
  clock.advance(200);
  // What has run out has a place until then, and is not there for those who ask.
  expect(await add('d', null)).toEqual({ kind: 'refused', reason: 'full' });
  const change = { key: 'b', value: 'y', livesMs: null };
  const refused = { kind: 'refused', reason: 'missing' };
  expect(await store.write(bounds, { deed: 'change', entry: change })).toEqual(refused);
  expect(await store.write(bounds, { deed: 'remove', key: 'b' })).toEqual(refused);
  clock.advance(800);
  expect((await add('d', null)).kind).toBe('written');
  expect(await store.count('z')).toEqual({ kind: 'counted', count: 2 });
});
