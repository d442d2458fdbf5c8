import type { SecurityFieldsConfig } from '../config/security-fields.ts';
import type { FieldList } from '../http/field-list.ts';
import type { Reply } from '../http/reply.ts';

interface Line {
  readonly lower: string;
  readonly name: string;
  readonly value: string;
}

/** The fields of a route that tell browsers to be careful. What an answer says itself stays as it is. */
export class SecurityFields {
  readonly #clearText: readonly Line[];
  readonly #secure: readonly Line[];

  constructor({ fields, transportSecurity }: SecurityFieldsConfig) {
    const lineOf = ([name, value]: readonly [string, string]): Line => ({
      lower: name.toLowerCase(),
      name,
      value,
    });
    this.#clearText = fields.map(lineOf);
    this.#secure =
      transportSecurity === null
        ? this.#clearText
        : [...this.#clearText, lineOf(['Strict-Transport-Security', transportSecurity])];
  }

  /** Of an upstream's answer. */
  complete(fields: FieldList, isSecure: boolean): void {
    for (const { lower, name, value } of isSecure ? this.#secure : this.#clearText) {
      if (fields.get(lower) === undefined) fields.append(`${name}: ${value}\r\n`);
    }
  }

  /** Of an answer of our own. */
  completed(reply: Reply, isSecure: boolean): Reply {
    const said = new Set(reply.fields.map(([name]) => name.toLowerCase()));
    const missing = (isSecure ? this.#secure : this.#clearText)
      .filter(({ lower }) => !said.has(lower))
      .map(({ name, value }) => [name, value] as const);
    return { ...reply, fields: [...reply.fields, ...missing] };
  }
}
