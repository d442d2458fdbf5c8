import { isBlank, withoutBlanks } from './blank.ts';

const WIDE_BLANKS = /^[\x85\xa0 \t]+|[\x85\xa0 \t]+$/g;

/** What a Cookie field says of one name, and what is left of it for the application. */
export interface CookieReading {
  /** How many pairs have one of our names. */
  readonly count: number;
  /** The value of the pair with `name`; meaningful only if it is the only one. */
  readonly value: string;
  /** The other pairs as they came, in order; empty if there are none. */
  readonly rest: string;
}

/**
 * Reads our cookie out of a Cookie value and takes it out (RFC 6265 §5.4). Only `name` counts; `aliases` are taken out
 * too. Odd octets in other people's cookies never matter: nothing here decodes or validates them.
 */
export function readCookieField(
  field: string,
  name: string,
  aliases: readonly string[],
): CookieReading {
  let count = 0;
  let value = '';
  let rest = '';
  let at = 0;
  while (at <= field.length) {
    let end = field.indexOf(';', at);
    if (end < 0) end = field.length;
    let start = at;
    while (start < end && isBlank(field.charCodeAt(start))) start++;
    let stop = end;
    while (stop > start && isBlank(field.charCodeAt(stop - 1))) stop--;
    at = end + 1;
    if (start === stop) continue;
    const equals = field.indexOf('=', start);
    let nameEnd = equals < 0 || equals > stop ? stop : equals;
    const valueStart = nameEnd + 1;
    while (nameEnd > start && isBlank(field.charCodeAt(nameEnd - 1))) nameEnd--;
    if (matches(field, start, nameEnd, name)) {
      count++;
      value = withoutBlanks(field.slice(valueStart, stop));
    } else if (!isOurs(field, start, nameEnd, name, aliases)) {
      rest = rest === '' ? field.slice(start, stop) : `${rest}; ${field.slice(start, stop)}`;
    }
  }
  return { count, value, rest };
}

/** To be taken out all the same: an alias, or one of our names to an application that trims what is no ASCII. */
function isOurs(
  field: string,
  start: number,
  end: number,
  name: string,
  aliases: readonly string[],
): boolean {
  if (aliases.some((alias) => matches(field, start, end, alias))) return true;
  if (!isWideBlank(field.charCodeAt(start)) && !isWideBlank(field.charCodeAt(end - 1)))
    return false;
  const trimmed = field.slice(start, end).replace(WIDE_BLANKS, '');
  return trimmed === name || aliases.includes(trimmed);
}

/** NEXT LINE and NO-BREAK SPACE: blanks of Unicode within latin1. */
function isWideBlank(code: number): boolean {
  return code === 0xa0 || code === 0x85;
}

function matches(field: string, start: number, end: number, name: string): boolean {
  return end - start === name.length && field.startsWith(name, start);
}
