const FIRST_MS = 100;
const LAST_MS = 30_000;
/** A worker that served for so long crashes for a new reason. */
const STEADY_MS = 10_000;

/** How long a worker's place stays empty after a crash: twice as long each time, so that no crash at every start spins. */
export class RestartBackoff {
  #nextMs = 0;

  /** `servedMs`: how long the one that crashed was ready; 0: it never was. */
  crashed(servedMs: number): number {
    const waitMs = servedMs >= STEADY_MS ? 0 : this.#nextMs;
    this.#nextMs = Math.min(LAST_MS, Math.max(FIRST_MS, waitMs * 2));
    return waitMs;
  }
}
