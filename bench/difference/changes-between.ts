import { median } from '../comparison/statistics.ts';
import type { BenchResult, ResultRow, RoundSample } from '../results/result-file.ts';

type Figure = 'cpuMicrosPerRequest' | 'requestsPerSecond' | 'p99Ms' | 'rssMiB';

/** A figure that is another one now, beyond what rounds differ by anyway. */
export interface Change {
  readonly scenario: string;
  readonly contender: string;
  readonly figure: Figure;
  readonly before: number;
  readonly after: number;
  /** Of the median before; negative: less. */
  readonly share: number;
  /** What a difference has to be more than, in the unit of the figure. */
  readonly noise: number;
  readonly isWorse: boolean;
}

/** Less than this share of the median before is never a change: the same build measured twice differs by that. */
const leastShare = 0.05;
/** Times the deviation of the rounds: three of them are some two standard deviations of a median of nine. */
const deviations = 3;

const figures: readonly (readonly [Figure, isLessBetter: boolean])[] = [
  ['cpuMicrosPerRequest', true],
  ['requestsPerSecond', false],
  ['p99Ms', true],
  ['rssMiB', true],
];

function valuesOf(rounds: readonly RoundSample[], figure: Figure): readonly number[] {
  return rounds.flatMap((round) => round[figure] ?? []);
}

/** How far the rounds of both lie from their own median, in the middle. */
function pooledDeviation(before: readonly number[], after: readonly number[]): number {
  const distances = [before, after].flatMap((values) => {
    const middle = median(values);
    return values.map((value) => Math.abs(value - middle));
  });
  return median(distances);
}

function changeOf(before: ResultRow, after: ResultRow): readonly Change[] {
  return figures.flatMap(([figure, isLessBetter]) => {
    const [old, young] = [valuesOf(before.rounds, figure), valuesOf(after.rounds, figure)];
    if (old.length === 0 || young.length === 0) return [];
    const [from, to] = [median(old), median(young)];
    const noise = Math.max(leastShare * Math.abs(from), deviations * pooledDeviation(old, young));
    const difference = to - from;
    if (Math.abs(difference) <= noise) return [];
    const { contender, scenario } = before;
    return [
      {
        ...{ scenario, contender, figure, before: from, after: to, noise },
        share: from === 0 ? Number.POSITIVE_INFINITY : difference / from,
        isWorse: difference > 0 === isLessBetter,
      },
    ];
  });
}

/**
 * What changed beyond the noise: medians of rounds differ by more than 5 %, and by more than three times the median of
 * how far the rounds of both lie from their own median.
 */
export function changesBetween(before: BenchResult, after: BenchResult): readonly Change[] {
  return before.rows.flatMap((row) => {
    const same = after.rows.find(
      ({ contender, scenario }) => contender === row.contender && scenario === row.scenario,
    );
    return same === undefined ? [] : changeOf(row, same);
  });
}
