import { spread } from '../comparison/statistics.ts';
import type { ResultRow, RoundSample } from '../results/result-file.ts';

export type Figure = Exclude<
  keyof RoundSample,
  'wasBusy' | 'coreShare' | 'loadCoreShare' | 'kernelMicrosPerRequest'
>;

/** The least and the most of the rounds; null where fewer than two have the figure. */
export function spreadOf(row: ResultRow, figure: Figure): readonly [number, number] | null {
  const values = row.rounds.flatMap((round) => round[figure] ?? []);
  return values.length < 2 ? null : spread(values);
}

/** What a request costs depends on it, so it is marked. */
export function wasIdle(row: ResultRow): boolean {
  return row.rounds.some(({ wasBusy }) => !wasBusy);
}

export function isOurs(contender: string): boolean {
  return contender.startsWith('portcullis') || contender === 'validate';
}

/** Whoever answered wrong, or is not here, has no rounds, and a note that says so. */
export function wasMeasured(row: ResultRow): boolean {
  return row.rounds.length > 0;
}
