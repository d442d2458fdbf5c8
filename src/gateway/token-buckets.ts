import type { RateLimitConfig } from '../config/rate-limit.ts';
import { TwoGenerations } from '../lib/two-generations.ts';
import type { RequestBudget } from './request-budget.ts';

/** When the bucket is full again: all that has to be known of it (the generic cell rate algorithm, ITU-T I.371). */
interface Bucket {
  fullAtMs: number;
}

/** Budgets of this process alone. Bounded: buckets of those who were quiet longest go first. */
export class TokenBuckets implements RequestBudget {
  readonly #perRequestMs: number;
  readonly #depthMs: number;
  readonly #buckets: TwoGenerations<Bucket>;

  constructor({ burst, keysMax, perMs, requests }: RateLimitConfig) {
    this.#perRequestMs = perMs / requests;
    this.#depthMs = burst * this.#perRequestMs;
    this.#buckets = new TwoGenerations(keysMax);
  }

  get size(): number {
    return this.#buckets.size;
  }

  take(key: string, nowMs: number): number {
    const bucket = this.#bucketOf(key, nowMs);
    const fullAtMs = Math.max(bucket.fullAtMs, nowMs) + this.#perRequestMs;
    const overMs = fullAtMs - nowMs - this.#depthMs;
    // Sums of fractions are not exact; a thousandth of a millisecond is nobody's request.
    if (overMs > 0.001) return overMs;
    bucket.fullAtMs = fullAtMs;
    return 0;
  }

  #bucketOf(key: string, nowMs: number): Bucket {
    const known = this.#buckets.get(key);
    if (known !== undefined) return known;
    const bucket = { fullAtMs: nowMs };
    this.#buckets.add(key, bucket);
    return bucket;
  }
}
