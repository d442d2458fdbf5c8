import type { RateLimitConfig } from '../config/rate-limit.ts';
import type { RequestBudget } from './request-budget.ts';

/** When the bucket is full again: all that has to be known of it (the generic cell rate algorithm, ITU-T I.371). */
interface Bucket {
  fullAtMs: number;
}

/** Budgets of this process alone. Bounded: buckets of those who were quiet longest go first. */
export class TokenBuckets implements RequestBudget {
  readonly #perRequestMs: number;
  readonly #depthMs: number;
  readonly #generationMax: number;
  /** Two generations: when the younger one is full it becomes the elder, and what that held is forgotten. */
  #young = new Map<string, Bucket>();
  #elder = new Map<string, Bucket>();

  constructor({ burst, keysMax, perMs, requests }: RateLimitConfig) {
    this.#perRequestMs = perMs / requests;
    this.#depthMs = burst * this.#perRequestMs;
    this.#generationMax = Math.ceil(keysMax / 2);
  }

  get size(): number {
    return this.#young.size + this.#elder.size;
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
    let bucket = this.#young.get(key);
    if (bucket !== undefined) return bucket;
    bucket = this.#elder.get(key) ?? { fullAtMs: nowMs };
    this.#elder.delete(key);
    if (this.#young.size >= this.#generationMax) {
      this.#elder = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, bucket);
    return bucket;
  }
}
