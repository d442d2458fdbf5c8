import type { Samples } from './rounds.ts';
import { median, spread } from './statistics.ts';

/** A bound on the ratio of two contenders' CPU time per request, taken round by round. */
export interface Target {
  readonly title: string;
  readonly of: string;
  readonly over: string;
  readonly atMost: number;
}

export interface TargetResult extends Target {
  /** Null where one of the two was not measured. */
  readonly ratio: number | null;
  readonly spread: readonly [number, number];
  readonly ratios: readonly number[];
  readonly isMet: boolean;
}

export function judge(target: Target, samples: Samples): TargetResult {
  const over = samples.get(target.over) ?? [];
  const ratios = (samples.get(target.of) ?? []).flatMap((sample, round) => {
    const other = over[round];
    return other === undefined ? [] : [sample.cpuMicrosPerRequest / other.cpuMicrosPerRequest];
  });
  if (ratios.length === 0) return { ...target, ratio: null, spread: [0, 0], ratios, isMet: false };
  const ratio = median(ratios);
  return { ...target, ratio, spread: spread(ratios), ratios, isMet: ratio <= target.atMost };
}
