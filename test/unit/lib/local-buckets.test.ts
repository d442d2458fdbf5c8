import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LocalBuckets } from '../../../src/lib/local-buckets.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const rule = { capacity: 3, refillMs: 1_000 };
const share = (key: string) => ({ key, rule });

function bucketsWith(entriesMax = 100): { clock: ManualClock; buckets: LocalBuckets } {
  const clock = new ManualClock();
  return { clock, buckets: new LocalBuckets(clock, entriesMax) };
}

describe('a bucket of tokens', () => {
  it('is full at first, runs out, and says when there is one again', () => {
    const { buckets, clock } = bucketsWith();
    for (let count = 0; count < 3; count += 1) {
      expect(buckets.take([share('a')])).toEqual({ kind: 'taken' });
    }
    expect(buckets.take([share('a')])).toEqual({ kind: 'empty', key: 'a', waitMs: 1_000 });
    clock.advance(999);
    expect(buckets.take([share('a')])).toEqual({ kind: 'empty', key: 'a', waitMs: 1 });
    clock.advance(1);
    expect(buckets.take([share('a')])).toEqual({ kind: 'taken' });
    expect(buckets.take([share('a')]).kind).toBe('empty');
  });

  it('gives nothing where another one that is asked with it is empty', () => {
    const { buckets } = bucketsWith();
    for (let count = 0; count < 3; count += 1) buckets.take([share('a')]);
    for (let count = 0; count < 9; count += 1) buckets.take([share('b'), share('a')]);
    expect(buckets.take([share('b')])).toEqual({ kind: 'taken' });
    expect(buckets.listEmpty(10)).toEqual([{ key: 'a', waitMs: 1_000 }]);
    expect(buckets.refill(['a', 'unknown'])).toBe(1);
    expect(buckets.listEmpty(10)).toEqual([]);
  });

  it('takes back what was given, and no more than was there', () => {
    const { buckets } = bucketsWith();
    buckets.take([share('a')]);
    buckets.giveBack([share('a')]);
    buckets.giveBack([share('a'), share('never')]);
    expect(buckets.size).toBe(0);
    for (let count = 0; count < 3; count += 1)
      expect(buckets.take([share('a')]).kind).toBe('taken');
    expect(buckets.take([share('a')]).kind).toBe('empty');
  });

  it('owes no more than it holds, however often it is charged', () => {
    const { buckets } = bucketsWith();
    for (let count = 0; count < 50; count += 1) buckets.charge(share('a'));
    expect(buckets.take([share('a')])).toEqual({ kind: 'empty', key: 'a', waitMs: 1_000 });
  });

  it('gives as many tokens as a straightforward bucket, whatever the times', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 2_500 }), fc.boolean()), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (moves) => {
        const { buckets, clock } = bucketsWith();
        let tokens = rule.capacity;
        for (const [ms, isTried] of moves) {
          clock.advance(ms);
          tokens = Math.min(rule.capacity, tokens + ms / rule.refillMs);
          if (!isTried) continue;
          const hasOne = tokens >= 1 - 1e-9;
          expect(buckets.take([share('a')]).kind).toBe(hasOne ? 'taken' : 'empty');
          if (hasOne) tokens -= 1;
        }
      }),
    );
  });
});

describe('the table of buckets', () => {
  it('forgets nobody who is not full, whatever else is entered, and never grows beyond its bound', () => {
    const { buckets, clock } = bucketsWith(50);
    for (let count = 0; count < 3; count += 1) buckets.take([share('victim')]);
    for (let name = 0; name < 5_000; name += 1) buckets.take([share(`filler ${String(name)}`)]);
    expect(buckets.size).toBe(50);
    expect(buckets.take([share('victim')]).kind).toBe('empty');
    // Newcomers share counts meanwhile, so that they are bounded as well.
    const refused = Array.from({ length: 5_000 }, (_, name) =>
      buckets.take([share(`late ${String(name)}`)]),
    ).filter(({ kind }) => kind === 'empty');
    expect(refused.length).toBeGreaterThan(1_000);
    // What is full again makes room.
    clock.advance(10_000);
    for (let name = 0; name < 200; name += 1) buckets.take([share(`new ${String(name)}`)]);
    expect(buckets.size).toBeLessThanOrEqual(50);
    expect(buckets.take([share('victim')]).kind).toBe('taken');
  });

  it('lets go of full ones as new ones come', () => {
    const { buckets, clock } = bucketsWith(10_000);
    for (let name = 0; name < 1_000; name += 1) {
      buckets.take([share(`once ${String(name)}`)]);
      clock.advance(500);
    }
    // Each is full again after a second.
    expect(buckets.size).toBeLessThan(200);
  });

  it('fills all', () => {
    const { buckets } = bucketsWith();
    for (const key of ['a', 'b']) buckets.charge(share(key));
    expect(buckets.refill('all')).toBe(2);
    expect(buckets.size).toBe(0);
  });
});
