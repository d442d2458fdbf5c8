/**
 * By when the next piece of a request's body has to come. A pause may be as long as the credit, which every octet fills
 * up again, at the least rate and never above the whole: somebody who sends one octet just before each time-out does not
 * hold a connection, and an upstream behind it, for ever.
 */
export class BodyPace {
  readonly #idleMs: number;
  readonly #bytesPerMs: number;
  #creditMs = 0;
  #bytes = 0;
  /** Since when the client is waited for; −1 while it is not. */
  #sinceMs = -1;

  /** `bytesPerSecondMin` 0: any rate will do. */
  constructor(idleMs: number, bytesPerSecondMin: number) {
    this.#idleMs = idleMs;
    this.#bytesPerMs = bytesPerSecondMin / 1000;
  }

  begin(): void {
    this.#creditMs = this.#idleMs;
    this.#bytes = 0;
    this.#sinceMs = -1;
  }

  /** The deadline for the piece after those that have come. */
  deadlineMs(nowMs: number, bytes: number): number {
    if (this.#bytesPerMs === 0) return nowMs + this.#idleMs;
    if (this.#sinceMs >= 0) this.#creditMs -= nowMs - this.#sinceMs;
    const earnedMs = (bytes - this.#bytes) / this.#bytesPerMs;
    this.#creditMs = Math.min(this.#idleMs, Math.max(0, this.#creditMs) + earnedMs);
    this.#bytes = bytes;
    this.#sinceMs = nowMs;
    return nowMs + this.#creditMs;
  }

  /** It is somebody else who is waited for. */
  pause(): void {
    this.#sinceMs = -1;
  }
}
