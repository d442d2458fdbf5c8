import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BucketStore, BucketTable, LeaseOrder } from '../../src/lib/bucket-store.ts';

export interface BucketStoreFixture {
  readonly store: BucketStore;
  readonly fastForward: (ms: number) => Promise<void>;
}

type Make = (table: Omit<BucketTable, 'name'>) => Promise<BucketStoreFixture>;

const rule = { capacity: 3, refillMs: 1_000 };
const share = (key: string) => ({ key, rule });
const order = (key: string, owed: number, wanted: number): LeaseOrder => ({
  ...{ key, owed, wanted },
  rule: { capacity: 10, refillMs: 100 },
});
const kept = { entriesMax: 1_000, whenFull: 'share' } as const;

/** What holds for every store of buckets. `make` makes an empty table of one, with a clock of its own. */
export function testBucketStore(title: string, make: Make, runs = 100): void {
  describe(`${title}, as every store of buckets,`, () => {
    testTokens(make, runs);
    testLeases(make);
    testTables(make);
  });
}

function testTokens(make: Make, runs: number): void {
  it('has full buckets at first, which run out, and says when there is a token again', async () => {
    const { fastForward, store } = await make(kept);
    for (let count = 0; count < 3; count += 1) {
      expect(await store.take([share('a')])).toEqual({ kind: 'taken' });
    }
    expect(await store.take([share('a')])).toEqual({ kind: 'empty', key: 'a', waitMs: 1_000 });
    await fastForward(999);
    expect(await store.take([share('a')])).toEqual({ kind: 'empty', key: 'a', waitMs: 1 });
    await fastForward(1);
    expect(await store.take([share('a')])).toEqual({ kind: 'taken' });
    expect((await store.take([share('a')])).kind).toBe('empty');
  });

  it('gives nothing where another bucket that is asked with it is empty', async () => {
    const { store } = await make(kept);
    for (let count = 0; count < 3; count += 1) await store.take([share('a')]);
    for (let count = 0; count < 9; count += 1) {
      const taking = await store.take([share('b'), share('a')]);
      expect(taking).toMatchObject({ kind: 'empty', key: 'a' });
    }
    expect(await store.take([share('b')])).toEqual({ kind: 'taken' });
  });

  it('takes back what was given, and no more than was there', async () => {
    const { store } = await make(kept);
    await store.take([share('a')]);
    await store.giveBack([share('a')]);
    await store.giveBack([share('a'), share('never')]);
    for (let count = 0; count < 3; count += 1) {
      expect((await store.take([share('a')])).kind).toBe('taken');
    }
    expect((await store.take([share('a')])).kind).toBe('empty');
    await store.giveBack([share('a')]);
    expect(await store.listEmpty(10)).toEqual([]);
    expect((await store.take([share('a')])).kind).toBe('taken');
  });

  it('charges also an empty bucket, which owes nothing for it', async () => {
    const { store } = await make(kept);
    await store.charge(share('a'), 2);
    expect((await store.take([share('a')])).kind).toBe('taken');
    for (let count = 0; count < 20; count += 1) await store.charge(share('a'), 2);
    expect(await store.take([share('a')])).toEqual({ kind: 'empty', key: 'a', waitMs: 1_000 });
  });

  it('gives as many tokens as a straightforward bucket, whatever the times', async () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 2_500 }), fc.boolean()), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(steps, async (moves) => {
        const { fastForward, store } = await make(kept);
        let tokens = rule.capacity;
        for (const [ms, isTried] of moves) {
          await fastForward(ms);
          tokens = Math.min(rule.capacity, tokens + ms / rule.refillMs);
          if (!isTried) continue;
          const hasOne = tokens >= 1 - 1e-9;
          expect((await store.take([share('a')])).kind).toBe(hasOne ? 'taken' : 'empty');
          if (hasOne) tokens -= 1;
        }
      }),
      { numRuns: runs },
    );
  });
}

function testLeases(make: Make): void {
  const leases = async (store: BucketStore, ...orders: LeaseOrder[]): Promise<unknown> => {
    const leasing = await store.lease(orders);
    if (leasing.kind === 'unavailable') return leasing.kind;
    expect(leasing.sharers).toBeGreaterThanOrEqual(1);
    return leasing.leases.map(({ fullInMs, granted }) => [granted, Math.round(fullInMs)]);
  };

  it('leases as many as there are, of each bucket, and they come back with time', async () => {
    const { fastForward, store } = await make({ entriesMax: 1_000, whenFull: 'forget' });
    expect(await leases(store, order('a', 0, 4), order('b', 1, 0), order('c', 0, 0))).toEqual([
      [4, 400],
      [0, 100],
      [0, 0],
    ]);
    expect(await leases(store, order('a', 1, 9))).toEqual([[5, 1_000]]);
    expect(await leases(store, order('a', 0, 1))).toEqual([[0, 1_000]]);
    await fastForward(250);
    expect(await leases(store, order('a', 0, 9))).toEqual([[2, 950]]);
    await fastForward(5_000);
    expect(await leases(store, order('a', 0, 99))).toEqual([[10, 1_000]]);
  });

  it('is told of what was used beyond, and is empty for so much longer', async () => {
    const { fastForward, store } = await make({ entriesMax: 1_000, whenFull: 'forget' });
    expect(await leases(store, order('a', 14, 3))).toEqual([[0, 1_400]]);
    await fastForward(400);
    expect(await leases(store, order('a', 0, 3))).toEqual([[0, 1_000]]);
    await fastForward(100);
    expect(await leases(store, order('a', 0, 3))).toEqual([[1, 1_000]]);
    // Nobody owes for ever.
    expect(await leases(store, order('a', 1_000_000, 0))).toEqual([[0, 16_000]]);
  });

  it('leases fractions of a millisecond, too', async () => {
    const { store } = await make({ entriesMax: 1_000, whenFull: 'forget' });
    const fast = { capacity: 1_000_000, refillMs: 0.001 };
    const one = { key: 'a', rule: fast, owed: 250_000, wanted: 250_000 };
    expect(await leases(store, one)).toEqual([[250_000, 500]]);
    const slow = { capacity: 7, refillMs: 1_000 / 3 };
    expect(await leases(store, { key: 'b', rule: slow, owed: 3, wanted: 9 })).toEqual([[4, 2_333]]);
  });
}

function testTables(make: Make): void {
  it('lists who has run out, for so long, and fills buckets again', async () => {
    const { fastForward, store } = await make(kept);
    for (let count = 0; count < 3; count += 1) await store.take([share('a'), share('ä\nb')]);
    await store.take([share('c')]);
    const [one, other, ...more] = await store.listEmpty(10);
    expect([one?.key, other?.key].toSorted()).toEqual(['a', 'ä\nb']);
    expect([one?.waitMs, other?.waitMs, more]).toEqual([1_000, 1_000, []]);
    expect(await store.listEmpty(1)).toHaveLength(1);
    expect(await store.refill(['a', 'unknown'])).toBe(1);
    expect(await store.listEmpty(10)).toEqual([{ key: 'ä\nb', waitMs: 1_000 }]);
    await fastForward(1_000);
    expect(await store.listEmpty(10)).toEqual([]);
    expect(await store.take([share('a')])).toEqual({ kind: 'taken' });
    expect(await store.refill('all')).toBe(2);
    expect(await store.refill('all')).toBe(0);
  });

  it('forgets nobody for space where newcomers are to share', async () => {
    const { fastForward, store } = await make({ entriesMax: 20, whenFull: 'share' });
    const fill = async (name: string, count: number): Promise<number> => {
      const kinds: string[] = [];
      for (let index = 0; index < count; index += 1) {
        kinds.push((await store.take([share(`${name} ${String(index)}`)])).kind);
      }
      return kinds.filter((kind) => kind === 'empty').length;
    };
    for (let count = 0; count < 3; count += 1) await store.take([share('victim')]);
    expect(await fill('early', 19)).toBe(0);
    // There are 1,024 counts for all of these together, which are soon used up.
    expect(await fill('late', 4_000)).toBeGreaterThan(500);
    expect((await store.take([share('victim')])).kind).toBe('empty');
    await fastForward(10_000);
    expect((await store.take([share('victim')])).kind).toBe('taken');
  });

  it('forgets where newcomers are to be counted by themselves', async () => {
    const { store } = await make({ entriesMax: 20, whenFull: 'forget' });
    for (let index = 0; index < 60; index += 1) {
      const leasing = await store.lease([order(`key ${String(index)}`, 10, 1)]);
      expect(leasing).toMatchObject({ leases: [{ granted: 0 }] });
    }
    expect(await store.refill('all')).toBe(20);
  });
}
