/**
 * A map of at most so many entries, of which those that were looked at longest ago leave first. Two generations: when the
 * younger one is full it becomes the elder, and what that held is forgotten.
 */
export class TwoGenerations<Value> {
  readonly #generationMax: number;
  #young = new Map<string, Value>();
  #elder = new Map<string, Value>();

  constructor(entriesMax: number) {
    this.#generationMax = Math.ceil(entriesMax / 2);
  }

  get size(): number {
    return this.#young.size + this.#elder.size;
  }

  get(key: string): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const elder = this.#elder.get(key);
    if (elder === undefined) return undefined;
    this.#elder.delete(key);
    this.add(key, elder);
    return elder;
  }

  /** Of a key that is not there. */
  add(key: string, value: Value): void {
    if (this.#young.size >= this.#generationMax) {
      this.#elder = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }
}
