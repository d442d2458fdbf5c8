import type { LogEntry } from './log-entry.ts';

/** Each comes by the bus and by a poll, at most a poll period apart. */
const tagsMax = 64;

/** When everybody's sessions ended, as far as it was heard here. */
export class EndsOfEverybody {
  #number = 0;
  #atMs = -Infinity;
  readonly #tags = new Set<string>();

  /** True for the first time that it comes: whoever has logged in since is not meant. Times are coherent ones. */
  add({ number, tag }: Pick<LogEntry, 'number' | 'tag'>, nowMs: number): boolean {
    if (this.#tags.has(tag)) {
      this.#number = Math.max(this.#number, number);
      return false;
    }
    // May be less than before: a store that has lost its tail numbers anew.
    this.#number = number;
    this.#atMs = nowMs;
    this.#tags.add(tag);
    for (const oldest of this.#tags) {
      if (this.#tags.size <= tagsMax) break;
      this.#tags.delete(oldest);
    }
    return true;
  }

  /** The number of the last, if it came after this moment. */
  since(atMs: number): number | null {
    return this.#atMs > atMs ? this.#number : null;
  }
}
