/**
 * Until when this worker may believe what it knows. On two clocks, and it is over when either says so: on a suspended
 * machine the monotonic one stands still, and the wall clock may be set back. Whoever asks reads both anew for every
 * decision; a process that wakes up from a pause would believe anything older.
 */
export class Lease {
  /** On the monotonic clock. */
  #endsAtMs: number;
  /** On the wall clock. */
  #endsAtWallMs: number;

  constructor(endsAtMs = -Infinity, endsAtWallMs = -Infinity) {
    this.#endsAtMs = endsAtMs;
    this.#endsAtWallMs = endsAtWallMs;
  }

  covers(monotonicMs: number, nowMs: number): boolean {
    return monotonicMs < this.#endsAtMs && nowMs < this.#endsAtWallMs;
  }

  /** How long it has been over by the monotonic clock; negative while it lasts. */
  overForMs(monotonicMs: number): number {
    return monotonicMs - this.#endsAtMs;
  }

  /** How long it has been over by the clock that says more. */
  endedForMs(monotonicMs: number, nowMs: number): number {
    return Math.max(monotonicMs - this.#endsAtMs, nowMs - this.#endsAtWallMs);
  }

  /** By the answer to a later question; one that ends earlier than what there is changes nothing. */
  extend(endsAtMs: number, endsAtWallMs: number): void {
    if (endsAtMs < this.#endsAtMs) return;
    this.#endsAtMs = endsAtMs;
    this.#endsAtWallMs = endsAtWallMs;
  }

  drop(): void {
    this.#endsAtMs = -Infinity;
    this.#endsAtWallMs = -Infinity;
  }
}
