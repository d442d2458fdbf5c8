import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FieldList } from '../../../src/http/field-list.ts';
import { FieldNames } from '../../../src/http/field-names.ts';
import { cleanHeadEnd } from '../../../src/wire/clean-head.ts';
import { readFieldLines } from '../../../src/wire/field-lines.ts';
import { HEAD_END } from '../../../src/wire/head-search.ts';

const names = new FieldNames([]);

/** What a reader makes of field lines that looks at each character, or that takes them for clean. */
function read(text: string, isClean: boolean) {
  const fields = new FieldList();
  const problem = readFieldLines(text, 0, text.length - 2, 64, names, fields, isClean);
  return { problem, lines: fields.lines() };
}

/** As it is found in a text. */
function endIn(text: string): number {
  const end = text.indexOf(HEAD_END);
  return end < 0 ? -1 : end + HEAD_END.length;
}

const octet = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('a', ':', ' ', '\t', '\r\n', 'X: b\r\n') },
  { weight: 1, arbitrary: fc.constantFrom('\r', '\n', '\r\n\r\n') },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  },
);

describe('the end of a clean head', () => {
  it.each([
    ['Host: a\r\n\r\n', 11],
    ['Host: a\tb \x80\xff~\r\nX: \r\n\r\n', 22],
    ['\r\n\r\n', 4],
    ['Host: a\r\n\r\n\0\n\r', 11],
    ['Host: a\r\n\r\n\r\n\r\n', 11],
    ['Host: a\r\n', -1],
    ['Host: a\r\n\r', -1],
    ['Host: a\r', -1],
    ['', -1],
    ['Host: a\nX: b\r\n\r\n', -1],
    ['Host: a\rX: b\r\n\r\n', -1],
    ['Host: a\r\r\n\r\n', -1],
    ['Host: a\r\n\r\r\n\r\n', -1],
    ['Host: a\n\r\n\r\n', -1],
    ['Host: a\0\r\n\r\n', -1],
    ['Host: a\x7f\r\n\r\n', -1],
    ['Host: a\x0b\r\n\r\n', -1],
    ['Host: a\x1f\r\n\r\n', -1],
  ])('in %j: %i', (text, end) => {
    const bytes = Buffer.from(`before${text}\n\r\n`, 'latin1');
    expect(cleanHeadEnd(bytes, 6, 6 + text.length)).toBe(end < 0 ? -1 : 6 + end);
  });

  it('is where the first empty line ends, whatever lies behind in the buffer', () => {
    let found = 0;
    fc.assert(
      fc.property(fc.array(octet), fc.array(octet), (parts, behind) => {
        const text = parts.join('');
        const bytes = Buffer.from(`${text}${behind.join('')}`, 'latin1');
        const end = cleanHeadEnd(bytes, 0, text.length);
        if (end >= 0) expect(end).toBe(endIn(text));
        found += end >= 0 ? 1 : 0;
        // And none is missed that has nothing but lines of harmless characters before it.
        if (/^(?:[\t\x20-\x7e\x80-\xff]|\r\n)*?\r\n\r\n/.test(text)) expect(end).toBe(endIn(text));
        else expect(end).toBe(-1);
      }),
      { numRuns: 5000 },
    );
    expect(found).toBeGreaterThan(300);
  });

  it('lets its lines be read without a look at each character', () => {
    let clean = 0;
    fc.assert(
      fc.property(fc.array(octet), (parts) => {
        const text = `X: a\r\n${parts.join('')}\r\n\r\n`;
        const end = cleanHeadEnd(Buffer.from(text, 'latin1'), 0, text.length);
        if (end < 0) return;
        clean += 1;
        const lines = text.slice(0, end - 2);
        expect(read(lines, true)).toEqual(read(lines, false));
        expect(read(lines, false).problem).not.toBe('field-octet');
      }),
      { numRuns: 3000 },
    );
    expect(clean).toBeGreaterThan(300);
  });
});
