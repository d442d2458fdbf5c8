import type { Clock } from '../lib/clock.ts';

/** It is out, and somebody is finding out already whether it still is. */
export const stillOut = Symbol('still out');

export interface OutageGateParts {
  readonly clock: Clock;
  /** How long nobody tries after a failure: for what takes its whole time-out to fail. */
  readonly pauseMs: number;
  /** Which failures say that it is out; another one is a fault of ours. */
  readonly isOutage: (error: unknown) => boolean;
  readonly onChange: (isOut: boolean, error: unknown) => void;
}

/**
 * While something is out, one at a time tries it and nobody else waits with him: a directory that is frozen must not
 * hold up a login by another one, nor one login after the other. The first success opens the gate to all.
 *
 * state | event                                | next
 * up    | a question failed                    | out
 * out   | asked while somebody else is asking, | out, refused at once
 *       | or too soon after that               |
 * out   | asked while nobody is                | out, this one asks
 * out   | a question was answered              | up
 */
export class OutageGate {
  readonly #parts: OutageGateParts;
  #isOut = false;
  #isTried = false;
  #failedAtMs = -Infinity;

  constructor(parts: OutageGateParts) {
    this.#parts = parts;
  }

  get isOut(): boolean {
    return this.#isOut;
  }

  /** Fails as the work fails. */
  async run<T>(work: () => Promise<T>): Promise<T | typeof stillOut> {
    if (!this.#isOut) return await this.#watch(work);
    const { clock, pauseMs } = this.#parts;
    if (this.#isTried || clock.monotonic() - this.#failedAtMs < pauseMs) return stillOut;
    this.#isTried = true;
    try {
      return await this.#watch(work);
    } finally {
      this.#isTried = false;
    }
  }

  async #watch<T>(work: () => Promise<T>): Promise<T> {
    try {
      const answer = await work();
      this.#become(false, null);
      return answer;
    } catch (error) {
      if (this.#parts.isOutage(error)) {
        this.#failedAtMs = this.#parts.clock.monotonic();
        this.#become(true, error);
      }
      throw error;
    }
  }

  #become(isOut: boolean, error: unknown): void {
    if (this.#isOut === isOut) return;
    this.#isOut = isOut;
    this.#parts.onChange(isOut, error);
  }
}
