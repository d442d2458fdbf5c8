import { quote } from './json-text.ts';

/** Quotes values of which nearly each is the one before. */
export class QuoteMemo {
  #text = '';
  #quoted = '""';

  of(text: string): string {
    if (text !== this.#text) {
      this.#text = text;
      this.#quoted = quote(text);
    }
    return this.#quoted;
  }
}
