/** Upper bounds of the histogram, milliseconds: from a row in a file to a command that ran into its time limit. */
export const STORE_LATENCY_BOUNDS_MS = [
  0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1000,
] as const;

/** What is asked of a store, as it is counted. */
export const STORE_DEEDS = ['create', 'read', 'touch', 'revoke', 'list', 'count', 'sweep'] as const;
export type StoreDeed = (typeof STORE_DEEDS)[number];

const buckets = STORE_LATENCY_BOUNDS_MS.length + 1;

/** How long a store took for its answers, also for those that were none. */
export class StoreLatency {
  readonly #counts = new Float64Array(STORE_DEEDS.length * buckets);
  readonly #sumsMs = new Float64Array(STORE_DEEDS.length);

  add(deed: StoreDeed, durationMs: number): void {
    const row = STORE_DEEDS.indexOf(deed);
    let bound = 0;
    while (bound < buckets - 1 && durationMs > (STORE_LATENCY_BOUNDS_MS[bound] ?? 0)) bound++;
    const at = row * buckets + bound;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sumsMs[row] = (this.#sumsMs[row] ?? 0) + durationMs;
  }

  /** Answers up to each bound, one more for the rest; not cumulative. */
  read(): {
    readonly deed: StoreDeed;
    readonly counts: readonly number[];
    readonly sumMs: number;
  }[] {
    return STORE_DEEDS.map((deed, row) => ({
      deed,
      counts: [...this.#counts.subarray(row * buckets, (row + 1) * buckets)],
      sumMs: this.#sumsMs[row] ?? 0,
    }));
  }
}
