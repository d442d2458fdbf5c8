import type { Clock } from '../lib/clock.ts';

/** After a failure only one caller at a time asks again, and not more often than this. */
const retryIntervalMs = 500;

/**
 * Remembers that a server is out, so that not everybody who logs in waits for its timeout: between
 * two attempts the answer is 'unavailable' at once.
 *
 * state | event                                    | next
 * up    | a question failed                        | out
 * out   | asked before the retry is due            | out, refused
 * out   | asked when it is due                     | out, that one asks; the next is due later
 * out   | a question was answered                  | up
 */
export class Outage {
  readonly #clock: Clock;
  readonly #onChange: (error: unknown) => void;
  #isOut = false;
  #retryAtMs = 0;

  /** `onChange` hears of the beginning with what was thrown, and of the end with null. */
  constructor(clock: Clock, onChange: (error: unknown) => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** Whether the server is to be asked now. */
  admits(): boolean {
    if (!this.#isOut) return true;
    const now = this.#clock.monotonic();
    if (now < this.#retryAtMs) return false;
    this.#retryAtMs = now + retryIntervalMs;
    return true;
  }

  failed(error: unknown): void {
    this.#retryAtMs = this.#clock.monotonic() + retryIntervalMs;
    if (this.#isOut) return;
    this.#isOut = true;
    this.#onChange(error);
  }

  answered(): void {
    if (!this.#isOut) return;
    this.#isOut = false;
    this.#onChange(null);
  }
}
