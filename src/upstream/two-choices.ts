import type { BalancingPolicy, Candidate } from './balancing-policy.ts';

const WORDS = 2 ** 32;

/**
 * The less busy one of two that are drawn by weight. Many gateways that each take the least busy server all take the same
 * one; with two drawn they do not, and the busiest is still passed over.
 */
export class TwoChoices implements BalancingPolicy {
  readonly #words: () => number;

  /** `words`: random numbers of 32 bits. */
  constructor(words: () => number) {
    this.#words = words;
  }

  choose(candidates: readonly Candidate[], count: number): number {
    if (count === 1) return 0;
    const one = this.#draw(candidates, count, -1);
    const two = this.#draw(candidates, count, one);
    return load(candidates[two]) < load(candidates[one]) ? two : one;
  }

  /** One by weight, and not `other`. */
  #draw(candidates: readonly Candidate[], count: number, other: number): number {
    let total = 0;
    for (let index = 0; index < count; index++) {
      if (index !== other) total += candidates[index]?.share ?? 0;
    }
    let left = (this.#words() / WORDS) * total;
    let last = 0;
    for (let index = 0; index < count; index++) {
      if (index === other) continue;
      last = index;
      left -= candidates[index]?.share ?? 0;
      if (left < 0) break;
    }
    return last;
  }
}

function load(candidate: Candidate | undefined): number {
  return candidate === undefined ? Infinity : (candidate.inFlight + 1) / candidate.share;
}
