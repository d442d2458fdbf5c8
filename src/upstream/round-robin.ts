import type { BalancingPolicy, Candidate } from './balancing-policy.ts';

/**
 * In turn, by weight, and smoothly: 5, 1, 1 gives a a b a c a a, not five times a. Each round every server is owed its
 * share; whoever is owed most is asked and pays for the round.
 */
export class RoundRobin implements BalancingPolicy {
  choose(candidates: readonly Candidate[], count: number): number {
    let best = 0;
    let total = 0;
    let most = -Infinity;
    for (let index = 0; index < count; index++) {
      const candidate = candidates[index];
      if (candidate === undefined) break;
      candidate.credit += candidate.share;
      total += candidate.share;
      if (candidate.credit <= most) continue;
      most = candidate.credit;
      best = index;
    }
    const chosen = candidates[best];
    if (chosen !== undefined) chosen.credit -= total;
    return best;
  }
}
