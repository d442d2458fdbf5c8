import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCookieField, type CookieReading } from '../../../src/http/cookie-field.ts';

const OWN = 'portcullis';
const ALIASES = ['__Host-portcullis'];

/** The same, said slowly. */
function modelOf(field: string): CookieReading {
  const trim = (text: string): string => text.replace(/^[ \t]+|[ \t]+$/g, '');
  const pairs = field
    .split(';')
    .map(trim)
    .filter((pair) => pair !== '');
  const nameOf = (pair: string): string => trim(pair.split('=', 1)[0] ?? '');
  const own = pairs.filter((pair) => nameOf(pair) === OWN);
  const value = trim((own.at(-1) ?? '').split('=').slice(1).join('='));
  const wide = (name: string): string => name.replace(/^[\x85\xa0 \t]+|[\x85\xa0 \t]+$/g, '');
  const rest = pairs.filter((pair) => ![OWN, ...ALIASES].includes(wide(nameOf(pair))));
  return { count: own.length, value, rest: rest.join('; ') };
}

describe('a Cookie value', () => {
  it.each([
    ['', 0, '', ''],
    ['portcullis=v', 1, 'v', ''],
    ['a=1; portcullis=v; b=2', 1, 'v', 'a=1; b=2'],
    ['portcullis=v;a=1', 1, 'v', 'a=1'],
    ['a=1;;b=2 ; ', 0, '', 'a=1; b=2'],
    [' \tportcullis = v ', 1, 'v', ''],
    ['portcullis=a=b==', 1, 'a=b==', ''],
    ['portcullis=', 1, '', ''],
    ['portcullis', 1, '', ''],
    ['portcullis="v"', 1, '"v"', ''],
    ['portcullis=v; portcullis=w', 2, 'w', ''],
    // Applications that trim what Unicode calls blank would take it for ours.
    ['\xa0 portcullis=v; a=1', 0, '', 'a=1'],
    ['a=1; \x85__Host-portcullis\xa0=v', 0, '', 'a=1'],
    ['\xa0a=1; b\x85=2', 0, '', '\xa0a=1; b\x85=2'],
    [
      'Portcullis=v; portcullis2=w; xportcullis=x',
      0,
      '',
      'Portcullis=v; portcullis2=w; xportcullis=x',
    ],
    ['portcullis=v; __Host-portcullis=w; a=1', 1, 'v', 'a=1'],
    ['__Host-portcullis=w', 0, '', ''],
    ['=portcullis=v', 0, '', '=portcullis=v'],
    ['a=portcullis=v', 0, '', 'a=portcullis=v'],
    ['a="x; portcullis=v"', 1, 'v"', 'a="x'],
    ['a=\xe9\xff{}"<>,; b', 0, '', 'a=\xe9\xff{}"<>,; b'],
    ['portcullis=\xa0v\xa0', 1, '\xa0v\xa0', ''],
    ['__proto__=x; constructor=y', 0, '', '__proto__=x; constructor=y'],
  ])('%j has %i of ours, with the value %j, and leaves %j', (field, count, value, rest) => {
    const reading = readCookieField(field, OWN, ALIASES);
    expect(reading.count).toBe(count);
    expect(reading.rest).toBe(rest);
    if (count > 0) expect(reading.value).toBe(value);
  });

  it('is read as a simple model reads it', () => {
    const part = fc.constantFrom(
      'portcullis',
      '__Host-portcullis',
      'a',
      'portcullis2',
      '=',
      '=',
      ';',
      ';',
      ' ',
      '\t',
      'v',
      '"',
      ',',
      '\xa0',
      '\xff',
      '',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 24 }), (parts) => {
        const field = parts.join('');
        expect(readCookieField(field, OWN, ALIASES)).toEqual(modelOf(field));
      }),
      { numRuns: 5000 },
    );
  });

  it('never leaves a pair of ours behind', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (before, after) => {
        const field = `${before};portcullis=secret;${after}`;
        const { rest } = readCookieField(field, OWN, ALIASES);
        expect(readCookieField(rest, OWN, ALIASES)).toMatchObject({ count: 0, rest });
      }),
    );
  });
});
