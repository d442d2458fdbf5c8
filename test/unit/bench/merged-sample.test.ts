import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../bench/comparison/measure.ts';
import { mergedSample } from '../../../bench/comparison/merged-sample.ts';

function pass(figures: Partial<Sample>): Sample {
  return {
    ...{ cpuMicrosPerRequest: 20, kernelMicrosPerRequest: 10, requestsPerSecond: 1000 },
    ...{ p50Ms: 1, p90Ms: 2, p99Ms: 3, p999Ms: 4, requests: 1000, coreShare: 1 },
    ...{ loadCoreShare: 0.5, rssMiB: 100, storeCalls: 0, ...figures },
  };
}

describe('a sample of several passes', () => {
  it('has the time of all processors for all requests, not the mean of what each pass says', () => {
    const merged = mergedSample([
      pass({ cpuMicrosPerRequest: 10, kernelMicrosPerRequest: 4, requests: 3000 }),
      pass({ cpuMicrosPerRequest: 30, kernelMicrosPerRequest: 20, requests: 1000 }),
    ]);
    expect(merged).toMatchObject({
      cpuMicrosPerRequest: 15,
      kernelMicrosPerRequest: 8,
      requests: 4000,
    });
  });

  it('has the middle latencies, the mean rates, all store calls and the last memory', () => {
    const merged = mergedSample([
      pass({ p99Ms: 3, requestsPerSecond: 900, storeCalls: 1, rssMiB: 90 }),
      pass({ p99Ms: 50, requestsPerSecond: 1000, storeCalls: 2, rssMiB: 95 }),
      pass({ p99Ms: 4, requestsPerSecond: 1100, storeCalls: null, loadCoreShare: null }),
    ]);
    expect(merged).toMatchObject({
      ...{ p99Ms: 4, requestsPerSecond: 1000, storeCalls: 3, rssMiB: 100, loadCoreShare: 0.5 },
    });
  });

  it('is the pass where there is one', () => {
    const only = pass({ storeCalls: null, loadCoreShare: null });
    expect(mergedSample([only])).toEqual(only);
  });
});
