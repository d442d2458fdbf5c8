/** A place was not to be had: too many have it, or too many wait. */
export const noSlot = Symbol('no slot');

/** At most so many at once; the next ones wait in line, but not for ever, and the line has an end. */
export class BindSlots {
  readonly #waiting = new Set<(isIn: boolean) => void>();
  readonly #queueMax: number;
  readonly #waitMs: number;
  #free: number;

  constructor(slots: number, queueMax: number, waitMs: number) {
    this.#free = slots;
    this.#queueMax = queueMax;
    this.#waitMs = waitMs;
  }

  async run<T>(work: () => Promise<T>): Promise<T | typeof noSlot> {
    if (this.#free > 0) this.#free -= 1;
    else if (!(await this.#wait())) return noSlot;
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  async #wait(): Promise<boolean> {
    if (this.#waiting.size >= this.#queueMax) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#waiting.add(resolve);
    const timer = setTimeout(() => {
      this.#waiting.delete(resolve);
      resolve(false);
    }, this.#waitMs);
    const isIn = await promise;
    clearTimeout(timer);
    return isIn;
  }

  /** The place goes from hand to hand: who waits comes before who comes. */
  #leave(): void {
    for (const next of this.#waiting) {
      this.#waiting.delete(next);
      next(true);
      return;
    }
    this.#free += 1;
  }
}
