import { describe, expect, it } from 'vitest';
import { LocalBuckets } from '../../../src/lib/local-buckets.ts';
import { testBucketStore } from '../../contract/bucket-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const rule = { capacity: 3, refillMs: 1_000 };
const share = (key: string) => ({ key, rule });

function bucketsWith(entriesMax = 100): { clock: ManualClock; buckets: LocalBuckets } {
  const clock = new ManualClock();
  return { clock, buckets: new LocalBuckets(clock, { entriesMax, whenFull: 'share' }) };
}

testBucketStore('buckets of one process', (table) => {
  const clock = new ManualClock();
  return Promise.resolve({
    store: new LocalBuckets(clock, table),
    fastForward: async (ms: number) => clock.advance(ms),
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
});
