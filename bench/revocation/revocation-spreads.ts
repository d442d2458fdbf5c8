import type { RevocationFigures, RevocationReport } from './revoke-under-load.ts';

export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).toSorted();
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}

function spreadsOf({ pace, seconds, tally, ...times }: RevocationFigures) {
  return {
    ...{ pace, seconds, ...tally },
    sinceSentMs: spreadOf(times.sinceSentMs),
    sinceAnsweredMs: spreadOf(times.sinceAnsweredMs),
    bareMs: spreadOf(times.bareMs),
  };
}

/** What a run says, in numbers. */
export function revocationSpreads({ background, figures, unacknowledged }: RevocationReport) {
  const paces = figures.map(spreadsOf);
  const sum = (of: (one: (typeof paces)[number]) => number): number =>
    paces.reduce((total, one) => total + of(one), 0);
  const requests = sum((one) => one.requests) + background.requests;
  return {
    paces,
    background,
    unacknowledged,
    revocations: sum((one) => one.revocations),
    checks: sum((one) => one.checks),
    stale: sum((one) => one.stale),
    outages: sum((one) => one.outages),
    requestsPerSecond: requests / sum((one) => one.seconds),
  };
}

export type RevocationSpreads = ReturnType<typeof revocationSpreads>;
