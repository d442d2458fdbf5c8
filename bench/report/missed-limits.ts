import { median } from '../comparison/statistics.ts';
import { judgedValue } from '../results/judged-value.ts';
import type { BenchResult, ResultRatio, ResultRow } from '../results/result-file.ts';
import { figureText, ratioText } from './figure-text.ts';
import { headline } from './scenario-titles.ts';

/** The least that anything on `node:net` costs. */
const floor = 'relay';

function kernelMicros(row: ResultRow): number | null {
  const values = row.rounds.flatMap(({ kernelMicrosPerRequest }) => kernelMicrosPerRequest ?? []);
  return values.length === 0 ? null : median(values);
}

/** Whether the relay in Portcullis's place says how far down the ratio could be. */
function hasFloor({ denominator, numerator, scenario }: ResultRatio): boolean {
  return scenario === headline && numerator === 'portcullis' && denominator !== floor;
}

/**
 * Which limits were missed; of those of the headline, what stands between: what a relay that reads nothing would come to in
 * Portcullis's place, and how much of a request is the kernel's work. Empty where no limit was missed.
 */
export function missedLimits({ ratios, rows }: Pick<BenchResult, 'ratios' | 'rows'>): string[] {
  const rowOf = (contender: string): ResultRow | undefined =>
    rows.find((row) => row.scenario === headline && row.contender === contender);
  const [own, relay] = [rowOf('portcullis'), rowOf(floor)];
  const missed = ratios.filter(({ isMet }) => isMet === false);
  const notes = missed.map((ratio) => {
    const other = rowOf(ratio.denominator)?.cpuMicrosPerRequest ?? NaN;
    const least = hasFloor(ratio) ? (relay?.cpuMicrosPerRequest ?? NaN) / other : NaN;
    const told = Number.isNaN(least) ? '' : `; the relay in its place would be ${ratioText(least)}`;
    return `${ratio.name}: ${ratioText(judgedValue(ratio))}, at most ${String(ratio.limit)}${told}`;
  });
  const kernel = own === undefined ? null : kernelMicros(own);
  if (own === undefined || kernel === null || !missed.some(hasFloor)) return notes;
  const all = figureText(own.cpuMicrosPerRequest);
  return [...notes, `of Portcullis’s ${all} µs, ${figureText(kernel)} are the kernel’s`];
}
