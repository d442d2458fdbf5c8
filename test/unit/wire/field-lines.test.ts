import { describe, expect, it } from 'vitest';
import { FieldList } from '../../../src/http/field-list.ts';
import { FieldNames } from '../../../src/http/field-names.ts';
import { readFieldLines } from '../../../src/wire/field-lines.ts';

const names = new FieldNames([]);

/** The pairs of these lines, or the problem. `lines` stand between a start line and the empty line. */
function read(lines: string, fieldsMax = 100): string | [string, string][] {
  const start = 'GET / HTTP/1.1\r\n';
  const text = `${start}${lines}\r\n\r\nbody: x\r\n\r\n`;
  const fields = new FieldList();
  fields.reset(text);
  const problem = readFieldLines(
    text,
    start.length,
    start.length + lines.length,
    fieldsMax,
    names,
    fields,
  );
  if (problem !== null) return problem;
  return Array.from({ length: fields.count }, (_, index) => [
    fields.name(index).raw,
    fields.value(index),
  ]);
}

const OCTETS = Array.from({ length: 256 }, (_, code) => code);

describe('field lines (RFC 9112 §5)', () => {
  it.each<[string, [string, string][]]>([
    ['A: b', [['A', 'b']]],
    ['A:b', [['A', 'b']]],
    ['A:', [['A', '']]],
    ['A: \t ', [['A', '']]],
    ['A:\t b\tc \t', [['A', 'b\tc']]],
    ['A: b: c', [['A', 'b: c']]],
    ['A::', [['A', ':']]],
    ['A: \xa0b\xff', [['A', '\xa0b\xff']]],
    [
      'A: b\r\na: c',
      [
        ['A', 'b'],
        ['a', 'c'],
      ],
    ],
    ["!#$%&'*+-.^_`|~9: x", [["!#$%&'*+-.^_`|~9", 'x']]],
  ])('%j are read', (lines, pairs) => {
    expect(read(lines)).toEqual(pairs);
  });

  it.each([
    ['A', 'field-line'],
    ['A b', 'field-line'],
    ['A: b\r\nC', 'field-line'],
    [': b', 'field-name'],
    ['A : b', 'field-name'],
    ['A\t: b', 'field-name'],
    [' A: b', 'field-name'],
    ['A: b\r\n c: d', 'field-name'],
    ['A: b\r\n\tc', 'field-line'],
    ['A\xe9: b', 'field-name'],
    ['A\0: b', 'field-name'],
    ['A\n: b', 'field-name'],
    ['A(b): c', 'field-name'],
    ['A: b\nC: d', 'field-octet'],
    ['A: b\rC: d', 'field-octet'],
    ['A: b\0', 'field-octet'],
  ])('%j are refused: %s', (lines, problem) => {
    expect(read(lines)).toBe(problem);
  });

  it.each(['A: b\r\n c', 'A: b\r\n\tc', 'A: b\r\n c: d', 'A: b\r\n '])(
    'are never folded: %j is refused (RFC 9112 §5.2)',
    (lines) => {
      expect(read(lines)).toMatch(/^field-(?:line|name)$/);
    },
  );

  it('have no control octet in a value but the tab, and every other octet', () => {
    const refused = OCTETS.filter(
      (code) => read(`A: b${String.fromCharCode(code)}c`) === 'field-octet',
    );
    expect(refused).toEqual(
      OCTETS.filter((code) => (code < 0x20 && code !== 0x09) || code === 0x7f),
    );
  });

  it('are counted', () => {
    expect(read('A: b\r\nA: b', 2)).toHaveLength(2);
    expect(read('A: b\r\nA: b\r\nA: b', 2)).toBe('fields-too-many');
  });

  it('may be none', () => {
    const fields = new FieldList();
    fields.reset('GET / HTTP/1.0\r\n\r\n');
    expect(readFieldLines(fields.text, 16, 14, 0, names, fields)).toBeNull();
    expect(fields.count).toBe(0);
  });
});
