import { inspect } from 'node:util';

/**
 * A value that must not reach a log, a metric label or an error. Only `reveal()` gives it away; printing, joining and
 * JSON give `[secret]`.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
