import type { Clock } from '../lib/clock.ts';
import type { StoreEpoch } from './revocation-log.ts';

/**
 * Which span of the store's life this worker is in, and whether those who knew what it may have lost have had the time
 * to say so: until then nothing that it says is believed.
 */
export class StoreEpochs {
  readonly #settleMs: number;
  readonly #clock: Clock;
  #id: string | null = null;
  /** On the monotonic clock. */
  #settledAtMs = Infinity;

  constructor(settleMs: number, clock: Clock) {
    this.#settleMs = settleMs;
    this.#clock = clock;
  }

  get isSettled(): boolean {
    return this.#clock.monotonic() >= this.#settledAtMs;
  }

  /** `first`: the first one that this worker knows. */
  enter({ ageMs, id, isNew }: StoreEpoch): 'same' | 'first' | 'new' {
    const nowMs = this.#clock.monotonic();
    const settledAtMs = isNew ? nowMs : nowMs + Math.max(0, this.#settleMs - ageMs);
    const before = this.#id;
    if (before === id) {
      // By the store's clock or by ours, whichever is first: one of them may have been set back.
      this.#settledAtMs = Math.min(this.#settledAtMs, settledAtMs);
      return 'same';
    }
    this.#id = id;
    this.#settledAtMs = Math.min(settledAtMs, nowMs + this.#settleMs);
    return before === null ? 'first' : 'new';
  }
}
