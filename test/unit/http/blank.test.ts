import { describe, expect, it } from 'vitest';
import { isBlank, withoutBlanks } from '../../../src/http/blank.ts';

describe('optional white space (RFC 9110 §5.6.3)', () => {
  it('is the space and the tab and nothing else', () => {
    const blanks = Array.from({ length: 256 }, (_, code) => code).filter(isBlank);
    expect(blanks).toEqual([0x09, 0x20]);
  });

  it.each([
    ['', ''],
    [' \t', ''],
    ['a', 'a'],
    [' \ta b\t ', 'a b'],
    ['\xa0a\v', '\xa0a\v'],
    ['\r\na\n', '\r\na\n'],
  ])('is taken off both ends of %j', (text, expected) => {
    expect(withoutBlanks(text)).toBe(expected);
  });
});
