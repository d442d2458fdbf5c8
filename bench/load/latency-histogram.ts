import type { LoadResult } from './load-job.ts';

const stepMs = 0.01;
const steps = 100_000;

/**
 * Latencies in steps of 10 µs up to one second; what is slower counts as one second. autocannon's own histogram has
 * steps of a millisecond, which is about the whole answer time here.
 */
export class LatencyHistogram {
  readonly #counts = new Uint32Array(steps + 1);
  #total = 0;

  add(latencyMs: number): void {
    const step = Math.min(steps, Math.max(0, Math.round(latencyMs / stepMs)));
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
    this.#total += 1;
  }

  /** The latency that the given share (0..1) of all requests did not exceed; 0 without any. */
  quantileMs(share: number): number {
    const wanted = share * this.#total;
    let seen = 0;
    for (let step = 0; step <= steps; step += 1) {
      seen += this.#counts[step] ?? 0;
      if (seen >= wanted && seen > 0) return step * stepMs;
    }
    return 0;
  }

  /** As every load process tells them. */
  get percentiles(): Pick<LoadResult, 'p50Ms' | 'p90Ms' | 'p99Ms' | 'p999Ms'> {
    const [p50Ms = NaN, p90Ms = NaN, p99Ms = NaN, p999Ms = NaN] = [0.5, 0.9, 0.99, 0.999].map(
      (share) => this.quantileMs(share),
    );
    return { p50Ms, p90Ms, p99Ms, p999Ms };
  }
}
