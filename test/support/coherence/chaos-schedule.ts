import { Random } from '../differential/random.ts';
import * as faults from './faults.ts';
import type { Fault } from './fault.ts';

/** Faults that begin at the same time; the next ones wait until both are over. */
export type ChaosStep = readonly Fault[];

/** Of the store, for a bound of one second; each makes its lengths anew. */
const ofTheStore: readonly ((numbers: Random) => Fault)[] = [
  (numbers) => faults.stopped(50 + numbers.below(2_500)),
  (numbers) => faults.paused(50 + numbers.below(1_500)),
  () => faults.killed,
  () => faults.restored,
  () => faults.failedOver(false),
  () => faults.failedOver(true),
  () => faults.full,
  () => faults.unsubscribed,
];

/** Of one node. */
const ofANode: readonly ((numbers: Random) => Fault)[] = [
  (numbers) => faults.isolated(100 + numbers.below(3_000)),
  (numbers) => faults.isolated(100 + numbers.below(2_000), ['up']),
  (numbers) => faults.isolated(100 + numbers.below(2_000), ['down']),
  (numbers) => faults.unheard(100 + numbers.below(2_000)),
  (numbers) => faults.lateMessages(10 + numbers.below(300)),
  (numbers) => faults.lateReads(10 + numbers.below(60)),
  (numbers) => faults.asleep(100 + numbers.below(3_000)),
  () => faults.cut,
  () => faults.died,
  () => faults.trimmed,
];

const togetherPercent = 25;

/** The same steps for the same seed, without end. */
export function* chaosSchedule(seed: number): Generator<ChaosStep, never> {
  const numbers = new Random(seed);
  for (;;) {
    const isTogether = numbers.chance(togetherPercent);
    const store = numbers.pick(ofTheStore)(numbers);
    const node = numbers.pick(ofANode)(numbers);
    if (isTogether) yield [store, node];
    else yield [numbers.chance(45) ? store : node];
  }
}
