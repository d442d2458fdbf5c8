/** What a run throws when somebody pressed Ctrl-C. */
class Interrupted extends Error {
  constructor() {
    super('interrupted');
    this.name = 'Interrupted';
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Turns the first Ctrl-C into an abort signal, so that every `await using` on the way out gets to stop its process.
 * While it lives, the signals do not end this process by themselves.
 */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #interrupt = (): void => this.#controller.abort(new Interrupted());

  constructor() {
    for (const signal of signals) process.on(signal, this.#interrupt);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const signal of signals) process.off(signal, this.#interrupt);
  }
}
