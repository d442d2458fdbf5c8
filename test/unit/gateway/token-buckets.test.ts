import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenBuckets } from '../../../src/gateway/token-buckets.ts';

function bucketsOf(requests: number, burst: number, perMs = 1_000, keysMax = 1_000): TokenBuckets {
  const key = { by: 'address' } as const;
  return new TokenBuckets({ name: 'limit', key, requests, perMs, burst, keysMax });
}

describe('a budget of requests', () => {
  it('lets a burst through, then so many per time, and says when the next one may come', () => {
    const buckets = bucketsOf(10, 3);
    expect([1, 2, 3].map(() => buckets.take('a', 0))).toEqual([0, 0, 0]);
    const waitMs = buckets.take('a', 0);
    expect(waitMs).toBeCloseTo(100);
    expect(buckets.take('a', 99)).toBeGreaterThan(0);
    expect(buckets.take('a', 100)).toBe(0);
    expect(buckets.take('b', 0)).toBe(0);
  });

  it('never lets more through in any time than burst and rate allow, and never refuses less', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.nat(400), { minLength: 1, maxLength: 200 }),
        (requests, burst, pauses) => {
          const buckets = bucketsOf(requests, burst);
          const passed: number[] = [];
          let nowMs = 0;
          for (const pause of pauses) {
            nowMs += pause;
            const waitMs = buckets.take('a', nowMs);
            const isFree = passed.every((firstMs, index) => {
              const before = passed.length - index;
              return before + 1 <= burst + ((nowMs - firstMs + 0.001) * requests) / 1_000;
            });
            expect(waitMs === 0).toBe(isFree);
            if (waitMs === 0) passed.push(nowMs);
          }
        },
      ),
    );
  });

  it('a wait that was said is long enough, and not a tick longer', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 20 }),
        (requests, burst) => {
          const buckets = bucketsOf(requests, burst);
          let waitMs = 0;
          while (waitMs === 0) waitMs = buckets.take('a', 5);
          expect(buckets.take('a', 5 + waitMs - 0.01)).toBeGreaterThan(0);
          expect(buckets.take('a', 5 + waitMs)).toBe(0);
        },
      ),
    );
  });

  it('of many keys remembers so many, and those that came last', () => {
    const buckets = bucketsOf(1, 1, 60_000, 1_000);
    for (let key = 0; key < 5_000; key++) buckets.take(`key-${String(key)}`, 0);
    expect(buckets.size).toBeLessThanOrEqual(1_000);
    expect(buckets.take('key-4999', 0)).toBeGreaterThan(0);
    expect(buckets.take('key-0', 0)).toBe(0);
  });

  it('of a key that keeps coming is not forgotten for others that come once', () => {
    const buckets = bucketsOf(1, 1, 3_600_000, 1_000);
    buckets.take('steady', 0);
    for (let key = 0; key < 5_000; key++) {
      buckets.take(`key-${String(key)}`, 0);
      if (key % 100 === 0) expect(buckets.take('steady', 0)).toBeGreaterThan(0);
    }
  });
});
