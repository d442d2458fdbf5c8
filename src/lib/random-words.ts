import { randomFillSync } from 'node:crypto';

const WORDS = 1024;

/** Random numbers for choices that are made often: drawn from the system many at a time. */
export class RandomWords {
  readonly #words = new Uint32Array(WORDS);
  #at = WORDS;

  /** 0 to 2³² − 1. */
  next(): number {
    if (this.#at === WORDS) {
      randomFillSync(this.#words);
      this.#at = 0;
    }
    return this.#words[this.#at++] ?? 0;
  }
}
