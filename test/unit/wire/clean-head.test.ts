import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FieldList } from '../../../src/http/field-list.ts';
import { FieldNames } from '../../../src/http/field-names.ts';
import { isCleanHead } from '../../../src/wire/clean-head.ts';
import { readFieldLines } from '../../../src/wire/field-lines.ts';

const names = new FieldNames([]);

/** What a reader makes of field lines that looks at each character, or that takes them for clean. */
function read(text: string, isClean: boolean) {
  const fields = new FieldList();
  const problem = readFieldLines(text, 0, text.length - 2, 64, names, fields, isClean);
  return { problem, lines: fields.lines() };
}

describe('a clean head', () => {
  it.each([
    ['Host: a\r\n', true],
    ['Host: a\tb \x80\xff~\r\nX: \r\n', true],
    ['\r\n', true],
    ['Host: a\nX: b\r\n', false],
    ['Host: a\rX: b\r\n', false],
    ['Host: a\r\r\n', false],
    ['Host: a\n\r\n', false],
    ['Host: a\0\r\n', false],
    ['Host: a\x7f\r\n', false],
    ['Host: a\x0b\r\n', false],
    ['Host: a\x1f\r\n', false],
  ])('is %j: %s', (text, isClean) => {
    const bytes = Buffer.from(`before${text}behind\0`, 'latin1');
    expect(isCleanHead(bytes, 6, 6 + text.length)).toBe(isClean);
  });

  it('reads the same, whether or not its characters are looked at one by one', () => {
    const octet = fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom('a', ':', ' ', '\r\n', 'X: b\r\n') },
      {
        weight: 1,
        arbitrary: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
      },
    );
    let clean = 0;
    fc.assert(
      fc.property(fc.array(octet), (parts) => {
        const text = `${parts.join('')}\r\n`;
        if (!isCleanHead(Buffer.from(text, 'latin1'), 0, text.length)) return;
        clean += 1;
        expect(read(text, true)).toEqual(read(text, false));
        expect(read(text, false).problem).not.toBe('field-octet');
      }),
      { numRuns: 3000 },
    );
    expect(clean).toBeGreaterThan(300);
  });
});
