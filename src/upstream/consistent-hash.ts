import { mixed } from '../lib/text-hash.ts';
import type { BalancingPolicy, Candidate } from './balancing-policy.ts';

const WORDS = 2 ** 32;

/**
 * Requests with one key go to one server (rendezvous hashing by weight): every server has a score for the key, the
 * highest takes it. Without a server only its own keys move, each to its second best; every process comes to the same
 * end without asking another. A ring would need hundreds of points per server to be as even.
 */
export class ConsistentHash implements BalancingPolicy {
  choose(candidates: readonly Candidate[], count: number, key: number): number {
    if (count === 1) return 0;
    let best = 0;
    let highest = -Infinity;
    for (let index = 0; index < count; index++) {
      const candidate = candidates[index];
      if (candidate === undefined) break;
      // Between 0 and 1, both excluded; twice, or keys and seeds that differ alike would meet.
      const draw = (mixed(mixed(key ^ candidate.seed) + candidate.seed) + 0.5) / WORDS;
      const score = -candidate.share / Math.log(draw);
      if (score <= highest) continue;
      highest = score;
      best = index;
    }
    return best;
  }
}
