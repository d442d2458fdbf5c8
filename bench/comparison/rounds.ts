import { until } from '../processes/until.ts';
import type { Contender, ContenderId } from './contender.ts';
import { measure, type MeasureOptions, type Sample } from './measure.ts';
import type { Progress } from '../command/progress.ts';

export interface RoundsOptions extends MeasureOptions {
  readonly rounds: number;
  /** What a round is called in the progress. */
  readonly label: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** The samples of each contender, one a round; the n-th of each belong together. */
export type Samples = ReadonlyMap<ContenderId, readonly Sample[]>;

/**
 * Measures every contender once a round. Every other round goes backwards, so that a machine that slows down or
 * speeds up favours nobody.
 */
export async function runRounds(
  contenders: readonly Contender[],
  options: RoundsOptions,
): Promise<Samples> {
  const samples = new Map<ContenderId, Sample[]>(contenders.map(({ id }) => [id, []]));
  for (let round = 0; round < options.rounds; round += 1) {
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
      options.progress.step(
        `${options.label} ${round + 1} of ${options.rounds}: ${contender.title}`,
      );
      const sample = await until(measure(contender, options), options.signal);
      samples.get(contender.id)?.push(sample);
    }
  }
  return samples;
}
