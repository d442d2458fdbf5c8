import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FieldList } from '../../../src/http/field-list.ts';
import { FieldNames } from '../../../src/http/field-names.ts';
import { readFieldLines } from '../../../src/wire/field-lines.ts';

const names = new FieldNames([]);

/** The fields of these lines, as they are read from a head. */
function listOf(lines: readonly string[]): FieldList {
  const text = `${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
  const fields = new FieldList();
  fields.reset(text);
  const problem = readFieldLines(text, 0, text.length - 4, 1000, names, fields);
  if (lines.length > 0 && problem !== null) throw new Error(problem);
  return fields;
}

describe('a list of fields', () => {
  it('gives names and values in their order', () => {
    const fields = listOf(['A: b', 'C:\td ', 'a:']);
    expect(fields.count).toBe(3);
    expect([0, 1, 2].map((index) => [fields.name(index).raw, fields.value(index)])).toEqual([
      ['A', 'b'],
      ['C', 'd'],
      ['a', ''],
    ]);
  });

  it('gives the first value of a name, in any case', () => {
    const fields = listOf(['A: b', 'a: c']);
    expect(fields.get('a')).toBe('b');
    expect(fields.get('b')).toBeUndefined();
  });

  it('has no field outside its count, also when it had more before', () => {
    const fields = listOf(['A: b', 'C: d']);
    fields.reset('');
    expect(() => fields.name(0)).toThrow(RangeError);
    expect(fields.get('a')).toBeUndefined();
    expect(fields.write()).toBe('');
  });

  it('remembers no mark and no line of ours from the message before', () => {
    const fields = listOf(['A: b']);
    fields.drop(0);
    fields.append('X: y\r\n');
    const text = 'C: d\r\n\r\n';
    fields.reset(text);
    readFieldLines(text, 0, text.length - 4, 9, names, fields);
    expect(fields.isDropped(0)).toBe(false);
    expect(fields.write()).toBe('C: d\r\n');
  });

  it.each([
    ['A: b', false],
    ['A: ', false],
    ['A:', false],
    ['A: b ', true],
    ['A: b\t', true],
  ])('knows whether blanks stand behind the value of %j: %s', (line, expected) => {
    expect(listOf([line]).hasBlankBehind(0)).toBe(expected);
    expect(listOf([line, 'X: y']).hasBlankBehind(0)).toBe(expected);
  });

  it('gives the lines that go on as pairs, ours last', () => {
    const fields = listOf(['A: b', 'C: d: e', 'F:']);
    fields.drop(0);
    fields.append('X: y\r\n');
    expect(fields.lines()).toEqual([
      ['C', 'd: e'],
      ['F', ''],
      ['X', 'y'],
    ]);
  });

  it('writes each line that goes on once, as `Name: value`, in order, then ours', () => {
    const line = fc.record({
      name: fc.constantFrom('A', 'x-b', "!#$%&'*+-.^_`|~0", 'Accept', '__proto__'),
      before: fc.constantFrom(' ', '', '\t', '  ', ' \t'),
      value: fc.stringMatching(/^(?:[!-~\x80-\xff](?:[ -~\x80-\xff]*[!-~\x80-\xff])?)?$/),
      after: fc.constantFrom('', '', ' ', '\t'),
      isDropped: fc.boolean(),
    });
    const ours = fc.array(fc.constantFrom('X-Ours: 1\r\n', 'Y: \r\n'), { maxLength: 2 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), ours, (lines, appended) => {
        const fields = listOf(
          lines.map(({ name, before, value, after }) => `${name}:${before}${value}${after}`),
        );
        for (const [index, { isDropped }] of lines.entries()) if (isDropped) fields.drop(index);
        for (const text of appended) fields.append(text);
        const expected = lines
          .filter(({ isDropped }) => !isDropped)
          .map(({ name, value }) => `${name}: ${value}\r\n`);
        expect(fields.write()).toBe([...expected, ...appended].join(''));
      }),
      { numRuns: 1000 },
    );
  });
});
