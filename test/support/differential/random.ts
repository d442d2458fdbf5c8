/** Pseudo-random numbers (splitmix32): the same seed gives the same run on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** 0 … `limit` − 1. */
  below(limit: number): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let mixed = this.#state ^ (this.#state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    mixed ^= mixed >>> 15;
    return (mixed >>> 0) % limit;
  }

  /** True `percent` times in a hundred. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(list: readonly T[]): T {
    const index = this.below(list.length);
    const item = list[index];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }

  /** As many characters of `alphabet`. */
  text(alphabet: string, length: number): string {
    let text = '';
    for (let at = 0; at < length; at++) text += alphabet.charAt(this.below(alphabet.length));
    return text;
  }
}

/** A seed of its own for each message of a run, so that one can be made again alone. */
export function seedOf(runSeed: number, index: number): number {
  return Math.imul(runSeed ^ 0x5bd1e995, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35);
}
