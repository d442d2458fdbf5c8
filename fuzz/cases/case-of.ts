import { Random, seedOf } from '../../test/support/differential/random.ts';
import type { FuzzCase, FuzzLane } from './fuzz-case.ts';
import { http1Case } from './http1-cases.ts';
import { http2Case } from './http2-cases.ts';
import { upgradeCase } from './upgrade-cases.ts';

/** How often each lane is taken, in hundredths. */
const WEIGHTS: readonly (readonly [lane: FuzzLane, weight: number])[] = [
  ['http1', 76],
  ['tls', 6],
  ['http2', 8],
  ['upgrade', 10],
];

function anyLane(random: Random): FuzzLane {
  let roll = random.below(100);
  for (const [lane, weight] of WEIGHTS) {
    if (roll < weight) return lane;
    roll -= weight;
  }
  return 'http1';
}

/** The case of a place in a run: the same for the same seed, but for the sessions' secrets. `lane` null: any. */
export function caseOf(
  seed: number,
  index: number,
  lane: FuzzLane | null,
  sessions: readonly string[],
): FuzzCase {
  const random = new Random(seedOf(seed, index));
  const drawn = anyLane(random);
  switch (lane ?? drawn) {
    case 'tls':
      return http1Case(random, index, 'secure', sessions);
    case 'http2':
      return http2Case(random, index, sessions);
    case 'upgrade':
      return upgradeCase(random, index, sessions);
    default:
      return http1Case(random, index, random.chance(68) ? 'clear' : 'strict', sessions);
  }
}
