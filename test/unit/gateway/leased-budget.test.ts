import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LeasedBudget } from '../../../src/gateway/leased-budget.ts';
import type { BucketStore, LeaseOrder, Leasing } from '../../../src/lib/bucket-store.ts';
import { LocalBuckets } from '../../../src/lib/local-buckets.ts';
import { ManualClock } from '../../support/manual-clock.ts';

interface Limit {
  readonly requests: number;
  readonly burst: number;
  readonly perMs: number;
}

/** A store that answers when it is told to. */
class SlowStore implements Pick<BucketStore, 'lease'> {
  readonly #buckets: LocalBuckets;
  readonly sharers: number;
  readonly calls: (readonly LeaseOrder[])[] = [];
  isAway = false;
  #waiting: (() => void)[] = [];

  constructor(buckets: LocalBuckets, sharers: number) {
    this.#buckets = buckets;
    this.sharers = sharers;
  }

  async lease(orders: readonly LeaseOrder[]): Promise<Leasing> {
    this.calls.push(orders);
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
    if (this.isAway) return { kind: 'unavailable' };
    return this.#buckets.lease(orders, this.sharers);
  }

  async answer(): Promise<void> {
    for (const resolve of this.#waiting.splice(0)) resolve();
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  }
}

/** Processes that share one budget. What they ask is asked and answered when the test says so. */
class Fleet {
  readonly clock = new ManualClock();
  readonly store: SlowStore;
  readonly budgets: readonly LeasedBudget[];

  constructor(count: number, { burst, perMs, requests }: Limit, keysMax = 1_000) {
    this.clock.advance(1);
    const table = { entriesMax: keysMax, whenFull: 'forget' } as const;
    this.store = new SlowStore(new LocalBuckets(this.clock, table), count);
    const key = { by: 'address' } as const;
    const limit = { name: 'limit', key, requests, perMs, burst, keysMax };
    const parts = { limit, store: this.store, clock: this.clock };
    this.budgets = Array.from({ length: count }, () => new LeasedBudget(parts));
  }

  take(index: number, key = 'a'): number {
    const budget = this.budgets[index];
    if (budget === undefined) throw new Error('no such process');
    return budget.take(key, this.clock.monotonic());
  }

  /** How many of so many requests pass. */
  passed(index: number, count: number, key?: string): number {
    let passed = 0;
    for (let one = 0; one < count; one += 1) if (this.take(index, key) === 0) passed += 1;
    return passed;
  }

  /** All questions that are due are asked, and answered. */
  async settle(): Promise<void> {
    for (let round = 0; round < 3; round += 1) {
      for (const budget of this.budgets) budget.flush();
      vi.advanceTimersByTime(1);
      await this.store.answer();
    }
  }
}

const perSecond: Limit = { requests: 100, burst: 100, perMs: 1_000 };
/** So slow that nothing comes back while a test runs. */
const still: Limit = { requests: 100, burst: 100, perMs: 86_400_000 };

// Questions are asked by `settle` alone.
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a budget that processes share', () => {
  it('is one for all of them', async () => {
    const fleet = new Fleet(4, still);
    let passed = 0;
    for (let round = 0; round < 100; round += 1) {
      for (const index of fleet.budgets.keys()) passed += fleet.passed(index, 1);
      await fleet.settle();
    }
    expect(passed).toBeGreaterThanOrEqual(97);
    expect(passed).toBeLessThanOrEqual(104);
  });

  it('asks by the batch, ahead, and nothing for a refusal', async () => {
    const fleet = new Fleet(1, still);
    let passed = 0;
    for (let round = 0; round < 1_000; round += 1) {
      passed += fleet.passed(0, 1);
      await fleet.settle();
    }
    expect(passed).toBe(100);
    // 1, 2, 4, …, then batches of a quarter of the burst, asked for when half of one is left.
    expect(fleet.store.calls.length).toBeLessThan(20);
    const asked = fleet.store.calls.length;
    expect(fleet.passed(0, 10_000)).toBe(0);
    await fleet.settle();
    expect(fleet.store.calls.length).toBe(asked);
  });

  it('asks for many keys in one question, and for so many in one turn', async () => {
    const fleet = new Fleet(1, still);
    for (let key = 0; key < 450; key += 1) fleet.take(0, `key ${String(key)}`);
    fleet.budgets[0]?.flush();
    expect(fleet.store.calls).toHaveLength(1);
    await fleet.settle();
    expect(fleet.store.calls.map((orders) => orders.length)).toEqual([200, 200, 50]);
  });

  it('asks for nobody twice at a time, whatever has been asked meanwhile', async () => {
    const fleet = new Fleet(1, { requests: 1_000, burst: 1_000, perMs: 1_000 });
    // One request has time; then there are many; then the permits lapse, and one has time again.
    fleet.passed(0, 1);
    fleet.passed(0, 30);
    vi.advanceTimersByTime(60);
    await fleet.store.answer();
    fleet.clock.advance(5_000);
    fleet.passed(0, 1);
    vi.advanceTimersByTime(1_000);
    await fleet.store.answer();
    expect(fleet.store.calls.map((orders) => orders.map(({ owed }) => owed))).toEqual([[31], [1]]);
  });

  it('refuses nobody below the limit for what is not known, however many processes there are', async () => {
    for (const count of [1, 4, 80]) {
      const fleet = new Fleet(count, still);
      for (const index of fleet.budgets.keys()) fleet.take(index, 'other');
      await fleet.settle();
      // A page: one request, and then all its pictures in one turn.
      expect(fleet.passed(0, 1)).toBe(1);
      await fleet.settle();
      expect(fleet.passed(0, 59)).toBe(59);
      await fleet.settle();
      expect(fleet.passed(0, 40)).toBe(40);
      expect(fleet.passed(0, 40)).toBe(0);
    }
  });

  it('lets each process through one burst at most before it has heard back, and takes it back', async () => {
    for (const count of [1, 4, 40]) {
      const limit = { requests: 10, burst: 10, perMs: 10_000 };
      const fleet = new Fleet(count, limit);
      for (const index of fleet.budgets.keys()) expect(fleet.passed(index, 300)).toBe(10);
      await fleet.settle();
      // In all that was so much that nobody has one before the rest has come back.
      fleet.clock.advance((count - 1) * 10_000 + 999);
      expect(fleet.passed(count - 1, 300)).toBe(0);
      fleet.clock.advance(1);
      expect(fleet.passed(count - 1, 300)).toBe(1);
    }
  });

  it('leaves nothing with processes that do not need it while there is some for others', async () => {
    const fleet = new Fleet(8, still);
    let passed = 0;
    for (let isRefused = false; !isRefused && passed < 200;) {
      for (const index of fleet.budgets.keys()) {
        if (isRefused) break;
        if (fleet.take(index) === 0) passed += 1;
        else isRefused = true;
      }
      await fleet.settle();
    }
    expect(passed).toBeGreaterThanOrEqual(85);
    expect(passed).toBeLessThanOrEqual(108);
  });

  it('has two questions under way at most, and then asks what has come meanwhile', async () => {
    const fleet = new Fleet(1, still);
    const rounds = 5;
    for (let round = 0; round < rounds; round += 1) {
      for (let key = 0; key < 300; key += 1) fleet.take(0, `key ${String(round)} ${String(key)}`);
      fleet.budgets[0]?.flush();
      vi.advanceTimersByTime(1);
    }
    expect(fleet.store.calls.map((orders) => orders.length)).toEqual([200, 100]);
    for (let round = 0; round < 10; round += 1) await fleet.settle();
    expect(fleet.store.calls.flat()).toHaveLength(rounds * 300);
  });

  it('tells the store of so many strangers in a second, and counts the others here', async () => {
    const fleet = new Fleet(1, perSecond, 100_000);
    for (let key = 0; key < 9_000; key += 1) fleet.take(0, `key ${String(key)}`);
    for (let round = 0; round < 60; round += 1) await fleet.settle();
    expect(fleet.store.calls.flat()).toHaveLength(2_000);
    // Known ones are told, others count all the same.
    expect(fleet.passed(0, 300, 'key 1')).toBe(99);
    expect(fleet.passed(0, 300, 'key 8000')).toBe(99);
    expect(fleet.passed(0, 300, 'new')).toBe(100);
    await fleet.settle();
    expect(fleet.store.calls.flat().slice(2_000)).toMatchObject([{ key: 'key 1' }]);
    fleet.clock.advance(1_000);
    expect(fleet.passed(0, 1, 'key 8000')).toBe(1);
    await fleet.settle();
    expect(fleet.store.calls.flat().at(-1)).toMatchObject({ key: 'key 8000', owed: 1 });
  });

  it('says for how long it is empty, and then has one', async () => {
    const fleet = new Fleet(2, { requests: 1, burst: 2, perMs: 60_000 });
    for (let round = 0; round < 4; round += 1) {
      fleet.take(round % 2);
      await fleet.settle();
    }
    const waitMs = fleet.take(0);
    expect(waitMs).toBeGreaterThan(0);
    fleet.clock.advance(waitMs - 1);
    expect(fleet.take(0)).toBeGreaterThan(0);
    fleet.clock.advance(1);
    expect(fleet.take(0)).toBe(0);
  });

  it('pays later for what was too much', async () => {
    const fleet = new Fleet(4, { requests: 10, burst: 10, perMs: 10_000 });
    let passed = 0;
    for (let second = 0; second < 200; second += 1) {
      for (const index of fleet.budgets.keys()) passed += fleet.passed(index, 5);
      await fleet.settle();
      fleet.clock.advance(1_000);
    }
    expect(passed).toBeGreaterThanOrEqual(200);
    expect(passed).toBeLessThanOrEqual(10 + 200 + 10);
  });

  it('never lets more through in any time than rate, and a burst of each process, if it has answers', async () => {
    const step = fc.record({
      process: fc.nat(7),
      count: fc.integer({ min: 1, max: 40 }),
      pauseMs: fc.oneof(fc.constant(0), fc.nat(300)),
      isSettled: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 60 }),
        fc.array(step, { minLength: 1, maxLength: 80 }),
        async (processes, burst, steps) => {
          const fleet = new Fleet(processes, { requests: 50, burst, perMs: 1_000 });
          for (const index of fleet.budgets.keys()) fleet.take(index, 'other');
          await fleet.settle();
          const times: number[] = [];
          let lateMs = 0;
          let isHeard = true;
          for (const { count, isSettled, pauseMs, process } of steps) {
            fleet.clock.advance(pauseMs);
            // While answers are on their way the rate is one of each process, too.
            if (!isHeard) lateMs += pauseMs;
            const nowMs = fleet.clock.monotonic();
            const passed = fleet.passed(process % processes, count);
            for (let one = 0; one < passed; one += 1) times.push(nowMs);
            isHeard = isSettled;
            if (isHeard) await fleet.settle();
          }
          const most = burst * processes + ((processes - 1) * lateMs * 50) / 1_000;
          // Of any two of them: what came from the one to the other is at most that and the rate.
          let least = Infinity;
          for (const [index, atMs] of times.entries()) {
            const ahead = index - (atMs * 50) / 1_000;
            least = Math.min(least, ahead);
            expect(ahead - least + 1).toBeLessThanOrEqual(most + 0.001);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('gives back what nobody used, by and by', async () => {
    const fleet = new Fleet(2, perSecond);
    for (let round = 0; round < 5; round += 1) {
      fleet.passed(0, 10);
      await fleet.settle();
    }
    fleet.clock.advance(2_000);
    // The other one finds the bucket full, the first one has kept nothing beside it.
    let passed = 0;
    for (let round = 0; round < 30; round += 1) {
      for (const index of [0, 1]) passed += fleet.passed(index, 5);
      await fleet.settle();
    }
    expect(passed).toBeGreaterThanOrEqual(98);
    expect(passed).toBeLessThanOrEqual(102);
  });

  it('remembers so many', () => {
    const fleet = new Fleet(1, perSecond);
    for (let key = 0; key < 5_000; key += 1) fleet.take(0, String(key));
    expect(fleet.budgets[0]?.size).toBeLessThanOrEqual(1_000);
  });
});

describe('a budget whose store is away', () => {
  it('is each process its own, and one again when it is back', async () => {
    const fleet = new Fleet(2, still);
    fleet.store.isAway = true;
    const all = async (): Promise<number[]> => {
      const passed = [0, 0];
      for (let round = 0; round < 40; round += 1) {
        for (const index of [0, 1]) passed[index] = (passed[index] ?? 0) + fleet.passed(index, 5);
        await fleet.settle();
      }
      return passed;
    };
    expect(await all()).toEqual([100, 100]);
    expect(fleet.budgets[0]?.isAlone).toBe(true);
    const asked = fleet.store.calls.length;
    expect(asked).toBe(2);
    // It is looked for, whether there are requests or not.
    const look = async (): Promise<void> => {
      vi.advanceTimersByTime(1_000);
      await fleet.store.answer();
    };
    await look();
    expect(fleet.budgets.map(({ isAlone }) => isAlone)).toEqual([true, true]);
    fleet.store.isAway = false;
    await look();
    expect(fleet.budgets.map(({ isAlone }) => isAlone)).toEqual([false, false]);
    expect(fleet.store.calls.slice(asked).flat()).toEqual([]);
    let passed = 0;
    for (let round = 0; round < 60; round += 1) {
      for (const index of [0, 1]) passed += fleet.passed(index, 1, 'b');
      await fleet.settle();
    }
    expect(passed).toBeGreaterThanOrEqual(95);
    expect(passed).toBeLessThanOrEqual(100);
  });

  it('does not wait for a store that says nothing', () => {
    const fleet = new Fleet(2, still);
    expect(fleet.passed(0, 60)).toBe(60);
    fleet.budgets[0]?.flush();
    expect(fleet.passed(0, 200)).toBe(40);
    // Nor does anybody else.
    expect(fleet.passed(0, 200, 'b')).toBe(100);
  });
});
