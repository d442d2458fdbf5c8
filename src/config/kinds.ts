import * as z from 'zod';
import { isPrintable } from '../lib/is-printable.ts';

// A configuration is read once: checks that are compiled for speed (`new Function`) only take time and 2 MiB.
z.config({ jitless: true });

/*
 * The kinds of values that options have, one function each. The message of every zod issue is the
 * answer to "what would be right?"; what is wrong is said by the reader, which knows the page
 * (read-options.ts).
 */

/** A block with these options and no others. */
export function optionBlock<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    // For an unknown option: the known ones, for a suggestion.
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? Object.keys(shape).join(' ') : 'a block of `key: value`',
  });
}

export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  const expected = words.length === 1 ? `only ${words[0]}` : `one of ${words.join(', ')}`;
  return z.enum(words, { error: expected });
}

export function flag() {
  return z.boolean({ error: 'true or false' });
}

/** `zero` says what 0 means where it means something of its own; it is then allowed below `min`. */
export function wholeNumber(bounds: { min: number; max: number; zero?: string }) {
  const { min, max, zero } = bounds;
  const range = `a whole number from ${min} to ${max}`;
  const error = zero === undefined ? range : `${range}, or 0 for ${zero}`;
  const number = z.int({ error }).max(max, { error });
  if (zero === undefined || min <= 1) return number.min(zero === undefined ? min : 0, { error });
  return number.min(0, { error }).refine((value) => value === 0 || value >= min, { error });
}

/** Text of a certain form; `expected` describes it, with an example. */
export function text(pattern: RegExp, expected: string) {
  return z.string({ error: expected }).regex(pattern, { error: expected });
}

/** Text of a form that takes more than a pattern to check. */
export function textThat(isRight: (value: string) => boolean, pattern: RegExp, expected: string) {
  return text(pattern, expected).refine(isRight, { error: expected, abort: true });
}

/**
 * A user, a role or a group: one line, printable, at most 150 characters, without blanks at its
 * ends.
 */
export function word(what: string) {
  const expected = `${what} of at most 150 characters (in quotes if it looks like a number)`;
  // Editors read the pattern from the JSON Schema, not all of them with Unicode classes.
  return textThat(isPrintable, /^\S(?:.{0,148}\S)?$/, expected);
}

export function listOf<Item extends z.ZodType>(item: Item, what: string) {
  return z.array(item, { error: `a list of ${what}` });
}

/**
 * What names a listener, an upstream or a directory: it turns up in logs, metrics and Host fields.
 */
export const namePattern = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9])?$/;
export const nameExpected =
  'a name of at most 64 letters, digits, - and _ that begins and ends with a letter or digit';
