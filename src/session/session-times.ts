/** 2020-01-01: seconds from here fit into 31 bits until 2088. */
const epochSeconds = 1_577_836_800;

/**
 * The same number, in the form that fits into the object. What comes out of arithmetic on times is a number on the heap
 * for V8, however small, until a bit operation has been at it.
 */
export function compact(ms: number): number {
  const whole = ms | 0;
  return whole === ms ? whole : ms;
}

/**
 * When a session began, was last seen and must end. A million of these are kept, and the check of a request reads a
 * random one. So no field holds a time since 1970: V8 would keep each as a number of its own on the heap, 16 bytes and a
 * cache miss more. A whole second is the base, small enough for the object itself, and everything else is a distance in
 * milliseconds from there. (Each starts at 0 because V8 remembers that a field has only ever held small integers.)
 */
export class SessionTimes {
  readonly #baseSeconds: number = 0;
  readonly #deadlineOffsetMs: number = 0;
  #seenOffsetMs: number = 0;
  readonly #createdOffsetMs: number = 0;

  constructor(createdAtMs: number, absoluteDeadlineMs: number, lastSeenAtMs: number) {
    this.#baseSeconds = compact(Math.floor(createdAtMs / 1000) - epochSeconds);
    const baseMs = this.baseMs;
    this.#deadlineOffsetMs = compact(absoluteDeadlineMs - baseMs);
    this.#seenOffsetMs = compact(lastSeenAtMs - baseMs);
    this.#createdOffsetMs = compact(createdAtMs - baseMs);
  }

  /** For distances of one's own. */
  get baseMs(): number {
    return (this.#baseSeconds + epochSeconds) * 1000;
  }

  get createdAtMs(): number {
    return this.baseMs + this.#createdOffsetMs;
  }

  get absoluteDeadlineMs(): number {
    return this.baseMs + this.#deadlineOffsetMs;
  }

  get lastSeenAtMs(): number {
    return this.baseMs + this.#seenOffsetMs;
  }

  set lastSeenAtMs(atMs: number) {
    this.#seenOffsetMs = compact(atMs - this.baseMs);
  }

  /** A clock that was set back takes nothing away. */
  see(atMs: number): void {
    const offsetMs = atMs - this.baseMs;
    if (offsetMs > this.#seenOffsetMs) this.#seenOffsetMs = compact(offsetMs);
  }

  /** `see`, unless it has expired: then false, and nothing moves. */
  seeUnlessExpired(nowMs: number, idleTimeoutMs: number): boolean {
    const offsetMs = nowMs - this.baseMs;
    const seenOffsetMs = this.#seenOffsetMs;
    if (offsetMs >= this.#deadlineOffsetMs || offsetMs - seenOffsetMs >= idleTimeoutMs) {
      return false;
    }
    if (offsetMs > seenOffsetMs) this.#seenOffsetMs = compact(offsetMs);
    return true;
  }

  isOver(nowMs: number): boolean {
    return nowMs - this.baseMs >= this.#deadlineOffsetMs;
  }

  /** Over, or not seen for so long. */
  hasExpired(nowMs: number, idleTimeoutMs: number): boolean {
    const offsetMs = nowMs - this.baseMs;
    return offsetMs >= this.#deadlineOffsetMs || offsetMs - this.#seenOffsetMs >= idleTimeoutMs;
  }
}
