import { describe, expect, it } from 'vitest';
import { LineMemo } from '../../../src/observability/line-memo.ts';

describe('a memo of a part of a line', () => {
  it('makes a part anew when one of its values is another, and only then', () => {
    const made: string[] = [];
    const memo = new LineMemo((first: string, second: number | null, third: string) => {
      const text = `${first}/${second}/${third}`;
      made.push(text);
      return text;
    });
    const told = [
      memo.of('a', 1, 'x'),
      memo.of('a', 1, 'x'),
      memo.of('a', 1, 'x'),
      memo.of('b', 1, 'x'),
      memo.of('b', null, 'x'),
      memo.of('b', null, 'ä'),
      memo.of('b', null, 'ä'),
      memo.of('a', 1, 'x'),
    ];
    expect(told).toEqual([
      ...['a/1/x', 'a/1/x', 'a/1/x'],
      ...['b/1/x', 'b/null/x', 'b/null/ä', 'b/null/ä', 'a/1/x'],
    ]);
    expect(made).toEqual(['a/1/x', 'b/1/x', 'b/null/x', 'b/null/ä', 'a/1/x']);
  });

  it('asks for the first values too, also for those that are nothing', () => {
    const memo = new LineMemo((name: string | null) => (name === null ? 'none' : `[${name}]`));
    expect([memo.of(null, null, null), memo.of('', null, null)]).toEqual(['none', '[]']);
  });
});
