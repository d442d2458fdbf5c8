import type { Progress } from '../command/progress.ts';
import { until } from '../processes/until.ts';
import type { Contender } from './contender.ts';
import { measure, type MeasureOptions, type Sample, WrongAnswers } from './measure.ts';

export interface RoundsOptions extends MeasureOptions {
  readonly rounds: number;
  /** What a round is called in the progress. */
  readonly label: string;
  /** What a measurement is of the progress's whole; left out: a step. */
  readonly units?: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** The samples of each contender, one a round; the n-th of each belong together. */
export type Samples = ReadonlyMap<string, readonly Sample[]>;

/** What is wrong with the answers of a contender. Whoever is in here is not timed. */
export type Problems = Map<string, readonly string[]>;

/**
 * Measures every contender once a round, except those with problems. Every other round goes backwards, so that a
 * machine that slows down or speeds up favours nobody. Who answers wrong under load gets a problem and loses its
 * samples.
 */
export async function runRounds(
  contenders: readonly Contender[],
  problems: Problems,
  options: RoundsOptions,
): Promise<Samples> {
  const samples = new Map<string, Sample[]>();
  for (let round = 0; round < options.rounds; round += 1) {
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
      const { id, title } = contender;
      if (problems.has(id)) continue;
      const text = `${options.label} ${round + 1} of ${options.rounds}: ${title}`;
      options.progress.step(text, options.units);
      try {
        const sample = await until(measure(contender, options), options.signal);
        samples.set(id, [...(samples.get(id) ?? []), sample]);
      } catch (error) {
        if (!(error instanceof WrongAnswers)) throw error;
        problems.set(id, [error.message]);
        samples.delete(id);
      }
    }
  }
  return samples;
}
