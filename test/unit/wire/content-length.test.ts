import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readContentLength } from '../../../src/wire/content-length.ts';

describe('a Content-Length value (RFC 9110 §8.6)', () => {
  it.each([
    ['0', 0],
    ['5', 5],
    ['0005', 5],
    ['999999999999999', 999_999_999_999_999],
  ])('%s is %i', (value, length) => {
    expect(readContentLength(value)).toBe(length);
  });

  it.each([
    '',
    '+1',
    '-1',
    '-0',
    '1,1',
    '1, 1',
    '1 1',
    ' 1',
    '1 ',
    '0x1',
    '1.0',
    '1e1',
    'one',
    '1;',
    '"1"',
    '\xb2',
    '١',
    '1\0',
    '1000000000000000',
    '0000000000000005',
    '18446744073709551617',
  ])('%j is none', (value) => {
    expect(readContentLength(value)).toBe(-1);
  });

  it('is 1 to 15 digits, an exact number, or none', () => {
    fc.assert(
      fc.property(fc.oneof(fc.stringMatching(/^[0-9]{0,18}$/), fc.string()), (value) => {
        const expected = /^[0-9]{1,15}$/.test(value) ? Number(value) : -1;
        expect(readContentLength(value)).toBe(expected);
      }),
    );
  });
});
