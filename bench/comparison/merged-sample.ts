import type { Sample } from './measure.ts';
import { median } from './statistics.ts';

/** One sample of a contender's passes through a round: each as long as the others. Throws where there is none. */
export function mergedSample(passes: readonly Sample[]): Sample {
  const last = passes.at(-1);
  if (last === undefined) throw new Error('a round without a pass');
  const all = (pick: (sample: Sample) => number): readonly number[] => passes.map(pick);
  const requests = sum(all((each) => each.requests));
  const perRequest = (pick: (sample: Sample) => number): number =>
    sum(all((each) => pick(each) * each.requests)) / requests;
  const loadShares = passes.flatMap(({ loadCoreShare: share }) => (share === null ? [] : [share]));
  const storeCalls = passes.flatMap(({ storeCalls: calls }) => (calls === null ? [] : [calls]));
  return {
    cpuMicrosPerRequest: perRequest((each) => each.cpuMicrosPerRequest),
    kernelMicrosPerRequest: perRequest((each) => each.kernelMicrosPerRequest),
    requestsPerSecond: mean(all((each) => each.requestsPerSecond)),
    p50Ms: median(all((each) => each.p50Ms)),
    p90Ms: median(all((each) => each.p90Ms)),
    p99Ms: median(all((each) => each.p99Ms)),
    p999Ms: median(all((each) => each.p999Ms)),
    requests,
    coreShare: mean(all((each) => each.coreShare)),
    loadCoreShare: loadShares.length === 0 ? null : mean(loadShares),
    rssMiB: last.rssMiB,
    storeCalls: storeCalls.length === 0 ? null : sum(storeCalls),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

function mean(numbers: readonly number[]): number {
  return sum(numbers) / numbers.length;
}
