/**
 * What failures say of a server, as NGINX has it: `failsMax` failures within `windowMs` put it out of service for
 * `windowMs`; then requests try it again.
 */
export class FailureWindow {
  readonly #failsMax: number;
  readonly #windowMs: number;
  #fails = 0;
  #windowEndMs = 0;
  #outUntilMs = 0;
  /** It was put out, and no answer has come since. */
  isOut = false;

  /** `failsMax` 0: never out of service. */
  constructor(failsMax: number, windowMs: number) {
    this.#failsMax = failsMax;
    this.#windowMs = windowMs;
  }

  isShut(nowMs: number): boolean {
    return this.isOut && nowMs < this.#outUntilMs;
  }

  failed(nowMs: number): void {
    if (this.#failsMax === 0) return;
    if (nowMs >= this.#windowEndMs) {
      this.#fails = 0;
      this.#windowEndMs = nowMs + this.#windowMs;
    }
    if (++this.#fails < this.#failsMax) return;
    this.isOut = true;
    this.#outUntilMs = nowMs + this.#windowMs;
  }

  succeeded(): void {
    this.#fails = 0;
    this.isOut = false;
  }
}
