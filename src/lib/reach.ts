import type { Clock } from './clock.ts';

const retryMs = 1_000;

/**
 * Whether somebody who may be away is worth asking: after a failure nobody waits for him for a second, and then one of us
 * finds out.
 */
export class Reach {
  readonly #clock: Clock;
  #nextMs = -Infinity;
  #isAway = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isAway(): boolean {
    return this.#isAway;
  }

  /** Whoever is told so asks, and says what came of it. */
  isWorthAsking(): boolean {
    if (!this.#isAway) return true;
    const nowMs = this.#clock.monotonic();
    if (nowMs < this.#nextMs) return false;
    this.#nextMs = nowMs + retryMs;
    return true;
  }

  answered(): void {
    this.#isAway = false;
  }

  failed(): void {
    this.#isAway = true;
    this.#nextMs = this.#clock.monotonic() + retryMs;
  }
}
