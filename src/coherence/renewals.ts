/** Requests that came while there was no lease: all of them wait for the one poll, none longer than a command may take. */
export class Renewals {
  readonly #waitMs: number;
  readonly #waiting = new Map<(hasLease: boolean) => void, NodeJS.Timeout>();

  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  get isAwaited(): boolean {
    return this.#waiting.size > 0;
  }

  wait(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => {
      this.#waiting.delete(resolve);
      resolve(false);
    }, this.#waitMs);
    this.#waiting.set(resolve, timer);
    return promise;
  }

  tell(hasLease: boolean): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const [resolve, timer] of waiting) {
      clearTimeout(timer);
      resolve(hasLease);
    }
  }
}
