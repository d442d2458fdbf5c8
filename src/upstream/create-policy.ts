import type { BalanceName } from '../config/balance.ts';
import type { BalancingPolicy } from './balancing-policy.ts';
import { ConsistentHash } from './consistent-hash.ts';
import { LeastConnections } from './least-connections.ts';
import { RoundRobin } from './round-robin.ts';
import { TwoChoices } from './two-choices.ts';

/** `words`: random numbers of 32 bits. */
export function createPolicy(name: BalanceName, words: () => number): BalancingPolicy {
  switch (name) {
    case 'roundRobin':
      return new RoundRobin();
    case 'leastConnections':
      return new LeastConnections();
    case 'twoChoices':
      return new TwoChoices(words);
    case 'hash':
      return new ConsistentHash();
  }
}
