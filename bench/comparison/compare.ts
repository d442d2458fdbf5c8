import type { BenchOptions } from './options.ts';
import { checkAnswers, contendersOn } from './contenders.ts';
import type { Contender, ContenderId } from './contender.ts';
import { Progress } from '../command/progress.ts';
import { type Problems, runRounds, type Samples } from './rounds.ts';
import type { Stage } from './stage.ts';
import { judge, type TargetResult, targetsOf } from './targets.ts';

export interface Comparison {
  readonly contenders: readonly Contender[];
  readonly problems: Problems;
  readonly samples: Samples;
  readonly targets: readonly TargetResult[];
  readonly floodStoreCalls: number | null;
}

/** Compilers need a few seconds of a contender's work before its cost is steady. */
const firstWarmUpSeconds = 3;
const warmUpSeconds = 1;

function storeCallsOf(samples: Samples, id: ContenderId): number | null {
  const counts = (samples.get(id) ?? []).map(({ storeCalls }) => storeCalls);
  return counts.reduce<number | null>(
    (sum, count) => (sum === null || count === null ? null : sum + count),
    counts.length === 0 ? null : 0,
  );
}

/** Checks the answers, then times who answered right, round by round. */
export async function compare(
  stage: Stage,
  options: BenchOptions,
  signal: AbortSignal,
): Promise<Comparison> {
  const contenders = contendersOn(stage);
  const problems: Problems = new Map();
  for (const contender of contenders) {
    const found = await checkAnswers(contender, stage);
    if (found.length > 0) problems.set(contender.id, found);
  }
  const { load } = stage;
  const { connections, seconds } = options;
  const progress = new Progress((contenders.length - problems.size) * (options.rounds + 1));
  const shared = { load, connections, progress, signal };
  await runRounds(contenders, problems, {
    ...shared,
    rounds: 1,
    label: 'warm-up',
    warmUpSeconds: 0,
    seconds: firstWarmUpSeconds,
  });
  const samples = await runRounds(contenders, problems, {
    ...shared,
    rounds: options.rounds,
    label: 'round',
    warmUpSeconds,
    seconds,
  });
  progress.end();
  return {
    contenders,
    problems,
    samples,
    targets: targetsOf(options.scenario).map((target) => judge(target, samples)),
    floodStoreCalls: storeCallsOf(samples, 'forged'),
  };
}
