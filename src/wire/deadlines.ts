import type { Clock } from '../lib/clock.ts';

/** Something that must not stay as it is for ever. */
export interface Timed {
  /** Monotonic milliseconds; Infinity while nothing is waited for. */
  deadlineMs: number;
  /** The deadline has passed. Called once a tick until it is moved or the thing is removed. */
  expire(nowMs: number): void;
}

const TICK_MS = 100;

/**
 * All time-outs of the data plane on one timer. Setting a deadline is one store into a field, so no request pays for a
 * timer; the price is that a time-out fires up to two ticks late.
 */
export class Deadlines {
  readonly #timed = new Set<Timed>();
  readonly #clock: Clock;
  #timer: NodeJS.Timeout | undefined;
  /** The time at the last tick: coarse, for time-outs only, never for a decision about a session. */
  nowMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.nowMs = clock.monotonic();
  }

  get size(): number {
    return this.#timed.size;
  }

  add(timed: Timed): void {
    this.#timed.add(timed);
    if (this.#timer === undefined) {
      this.nowMs = this.#clock.monotonic();
      this.#timer = setInterval(() => this.tick(), TICK_MS);
    }
  }

  remove(timed: Timed): void {
    this.#timed.delete(timed);
    if (this.#timed.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  tick(): void {
    this.nowMs = this.#clock.monotonic();
    for (const timed of this.#timed) {
      if (timed.deadlineMs <= this.nowMs) timed.expire(this.nowMs);
    }
  }
}
