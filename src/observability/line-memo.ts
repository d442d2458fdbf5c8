import { flatString } from '../lib/flat-string.ts';

/**
 * A part of a line that is made of up to three values, which mostly are what they were in the line before. It is put into
 * one piece when it comes for the second time: a line of a dozen pieces costs a third of one of fifty, and one that comes
 * once is not worth the copy.
 */
export class LineMemo<First, Second = null, Third = null> {
  readonly #make: (first: First, second: Second, third: Third) => string;
  #known: { readonly first: First; readonly second: Second; readonly third: Third } | null = null;
  #text = '';
  #isFlat = false;

  constructor(make: (first: First, second: Second, third: Third) => string) {
    this.#make = make;
  }

  of(first: First, second: Second, third: Third): string {
    const known = this.#known;
    if (known?.first === first && known.second === second && known.third === third) {
      if (!this.#isFlat) {
        this.#text = flatString(this.#text);
        this.#isFlat = true;
      }
      return this.#text;
    }
    this.#known = { first, second, third };
    this.#isFlat = false;
    this.#text = this.#make(first, second, third);
    return this.#text;
  }
}
