import type { RevocationReport } from './revoke-under-load.ts';

export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).toSorted();
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** What a run says, in numbers. */
export function revocationFigures(report: RevocationReport) {
  const { background, seconds, tally } = report;
  return {
    ...tally,
    seconds,
    background,
    unacknowledged: report.unacknowledged,
    requestsPerSecond: (tally.requests + background.requests) / seconds,
    sinceSentMs: spreadOf(report.sinceSentMs),
    sinceAnsweredMs: spreadOf(report.sinceAnsweredMs),
    bareMs: spreadOf(report.bareMs),
  };
}

export type RevocationFigures = ReturnType<typeof revocationFigures>;
