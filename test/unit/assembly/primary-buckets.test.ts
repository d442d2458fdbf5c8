import { describe, expect, it } from 'vitest';
import { CountShelf, type CountQuestion } from '../../../src/assembly/count-shelf.ts';
import { PrimaryBuckets, PrimaryPlaces } from '../../../src/assembly/primary-buckets.ts';
import { testBucketStore } from '../../contract/bucket-store.ts';
import { testPlaceStore } from '../../contract/place-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';

/** A primary at the other end of a pipe that copies. */
function seatOf(shelf: CountShelf) {
  return {
    ask: async (_topic: string, body: unknown) =>
      structuredClone(shelf.answer(structuredClone(body) as CountQuestion)), // as over the pipe
  };
}

testBucketStore('buckets of a primary', (table) => {
  const clock = new ManualClock();
  const shelf = new CountShelf(table.entriesMax, 1, clock);
  const name = table.whenFull === 'share' ? 'login' : 'rate:each';
  return Promise.resolve({
    store: new PrimaryBuckets(seatOf(shelf), { ...table, name }),
    fastForward: async (ms: number) => clock.advance(ms),
  });
});

testPlaceStore('places of a primary', () => new PrimaryPlaces(seatOf(new CountShelf(100))));

describe('buckets of a primary', () => {
  it('are of one table for each limit, and of as many sharers as there are workers', async () => {
    const seat = seatOf(new CountShelf(100, 4, new ManualClock()));
    const table = { entriesMax: 100, whenFull: 'forget' } as const;
    const [one, same, other] = ['rate:a', 'rate:a', 'rate:b'].map(
      (name) => new PrimaryBuckets(seat, { ...table, name }),
    );
    const order = { key: 'k', rule: { capacity: 16, refillMs: 1_000 }, owed: 0, wanted: 9 };
    const granted = async (store: PrimaryBuckets | undefined): Promise<unknown> => {
      const leasing = await store?.lease([order]);
      return leasing?.kind === 'leased' ? [leasing.leases[0]?.granted, leasing.sharers] : leasing;
    };
    expect(await granted(one)).toEqual([4, 4]);
    expect(await granted(same)).toEqual([3, 4]);
    expect(await granted(other)).toEqual([4, 4]);
  });

  it('are not to be had while the primary does not answer', async () => {
    const table = { name: 'rate:a', entriesMax: 100, whenFull: 'forget' } as const;
    const store = new PrimaryBuckets({ ask: async () => null }, table);
    expect(await store.lease([])).toEqual({ kind: 'unavailable' });
  });
});
