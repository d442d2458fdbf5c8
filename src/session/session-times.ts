/**
 * When a session began, was last seen and must end. A million of these are kept, and the check of every request reads
 * one: so all but the first instant are distances from it, which fit into the object itself (a full time would be a
 * number on the heap each, 16 bytes and a cache miss more).
 */
export class SessionTimes {
  readonly createdAtMs: number;
  readonly lifetimeMs: number;
  /** How old the session was when it was last seen. */
  seenAgeMs: number;

  constructor(createdAtMs: number, absoluteDeadlineMs: number, lastSeenAtMs: number) {
    this.createdAtMs = createdAtMs;
    this.lifetimeMs = absoluteDeadlineMs - createdAtMs;
    this.seenAgeMs = lastSeenAtMs - createdAtMs;
  }

  get absoluteDeadlineMs(): number {
    return this.createdAtMs + this.lifetimeMs;
  }

  get lastSeenAtMs(): number {
    return this.createdAtMs + this.seenAgeMs;
  }

  set lastSeenAtMs(atMs: number) {
    this.seenAgeMs = atMs - this.createdAtMs;
  }

  /** A clock that was set back takes nothing away. */
  see(atMs: number): void {
    const ageMs = atMs - this.createdAtMs;
    if (ageMs > this.seenAgeMs) this.seenAgeMs = ageMs;
  }

  isOver(nowMs: number): boolean {
    return nowMs - this.createdAtMs >= this.lifetimeMs;
  }

  /** Over, or not seen for so long. */
  hasExpired(nowMs: number, idleTimeoutMs: number): boolean {
    const ageMs = nowMs - this.createdAtMs;
    return ageMs >= this.lifetimeMs || ageMs - this.seenAgeMs >= idleTimeoutMs;
  }
}
