/** Of the requests of a group, how many may be sent a second time: a fifth … */
const SHARE = 0.2;
const SHARE_MAX = 100;
/** … and this many a second in any case. */
const FLOOR_PER_SECOND = 10;

/** Keeps retries from becoming the flood that finishes a group off. */
export class RetryBudget {
  #share = 0;
  #floor = FLOOR_PER_SECOND;
  #refilledAtMs = 0;

  /** Every first attempt earns its share. */
  earn(): void {
    this.#share = Math.min(SHARE_MAX, this.#share + SHARE);
  }

  /** `nowMs` on a monotonic clock. */
  take(nowMs: number): boolean {
    const earned = ((nowMs - this.#refilledAtMs) / 1000) * FLOOR_PER_SECOND;
    this.#refilledAtMs = nowMs;
    this.#floor = Math.min(FLOOR_PER_SECOND, this.#floor + earned);
    if (this.#share >= 1) this.#share--;
    else if (this.#floor >= 1) this.#floor--;
    else return false;
    return true;
  }
}
