import type { Progress } from '../command/progress.ts';
import { until } from '../processes/until.ts';
import type { Contender } from './contender.ts';
import { measure, type MeasureOptions, type Sample, WrongAnswers } from './measure.ts';
import { mergedSample } from './merged-sample.ts';
import { passOrder } from './pass-order.ts';

export interface RoundsOptions extends MeasureOptions {
  readonly rounds: number;
  /** In how many passes a round goes through everybody, each a part of its seconds, behind a warm-up. Default: 1. */
  readonly passes?: number;
  /** Whom the others are compared with: measured several times a pass where they are many. */
  readonly yardstick?: string;
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
 * Measures every contender once a round, except those with problems. Every other pass goes backwards, so that a
 * machine that slows down or speeds up favours nobody, and several passes a round let what its neighbours do for a
 * while fall on everybody. Who answers wrong under load gets a problem and loses its samples.
 */
export async function runRounds(
  contenders: readonly Contender[],
  problems: Problems,
  options: RoundsOptions,
): Promise<Samples> {
  const samples = new Map<string, Sample[]>();
  for (let round = 0; round < options.rounds; round += 1) {
    for (const [id, passes] of await runRound(contenders, problems, options, round)) {
      samples.set(id, [...(samples.get(id) ?? []), mergedSample(passes)]);
    }
  }
  for (const id of problems.keys()) samples.delete(id);
  return samples;
}

/** The passes of each contender. */
async function runRound(
  contenders: readonly Contender[],
  problems: Problems,
  options: RoundsOptions,
  round: number,
): Promise<Samples> {
  const { passes = 1, progress, seconds, signal, units = 1 } = options;
  const order = passOrder(
    contenders.map(({ id }) => id),
    options.yardstick,
  ).flatMap((id) => contenders.find((each) => each.id === id) ?? []);
  const samples = new Map<string, Sample[]>();
  for (let pass = 0; pass < passes; pass += 1) {
    const isForth = (round * passes + pass) % 2 === 0;
    for (const contender of isForth ? order : order.toReversed()) {
      const { id, title } = contender;
      if (problems.has(id)) continue;
      progress.step(`${options.label} ${round + 1} of ${options.rounds}: ${title}`, units / passes);
      const part = { ...options, seconds: seconds / passes };
      try {
        const sample = await until(measure(contender, part), signal);
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
