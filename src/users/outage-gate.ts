/** It is out, and somebody is finding out already whether it still is. */
export const stillOut = Symbol('still out');

/**
 * While something is out, one at a time tries it and nobody else waits with him: a directory that is frozen must not
 * hold up a login by another one, nor one login after the other. The first success opens the gate to all.
 */
export class OutageGate {
  readonly #isOutage: (error: unknown) => boolean;
  readonly #onChange: (isOut: boolean, error: unknown) => void;
  #isOut = false;
  #isTried = false;

  constructor(
    isOutage: (error: unknown) => boolean,
    onChange: (isOut: boolean, error: unknown) => void,
  ) {
    this.#isOutage = isOutage;
    this.#onChange = onChange;
  }

  /** Fails as the work fails. */
  async run<T>(work: () => Promise<T>): Promise<T | typeof stillOut> {
    if (!this.#isOut) return await this.#watch(work);
    if (this.#isTried) return stillOut;
    this.#isTried = true;
    try {
      return await this.#watch(work);
    } finally {
      this.#isTried = false;
    }
  }

  async #watch<T>(work: () => Promise<T>): Promise<T> {
    try {
      const answer = await work();
      this.#become(false, null);
      return answer;
    } catch (error) {
      // A fault of ours says nothing about the other side.
      if (this.#isOutage(error)) this.#become(true, error);
      throw error;
    }
  }

  #become(isOut: boolean, error: unknown): void {
    if (this.#isOut === isOut) return;
    this.#isOut = isOut;
    this.#onChange(isOut, error);
  }
}
