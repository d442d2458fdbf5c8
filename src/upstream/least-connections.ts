import type { BalancingPolicy, Candidate } from './balancing-policy.ts';

/** Whoever has fewest requests under way for its weight; among equals in turn. */
export class LeastConnections implements BalancingPolicy {
  #next = 0;

  choose(candidates: readonly Candidate[], count: number): number {
    let best = 0;
    let least = Infinity;
    const first = this.#next % count;
    for (let step = 0; step < count; step++) {
      const index = first + step < count ? first + step : first + step - count;
      const candidate = candidates[index];
      if (candidate === undefined) break;
      // What it would have with this request: two idle servers of different weight are not equals.
      const load = (candidate.inFlight + 1) / candidate.share;
      if (load >= least) continue;
      least = load;
      best = index;
    }
    this.#next = best + 1;
    return best;
  }
}
