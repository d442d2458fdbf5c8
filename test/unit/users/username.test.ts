import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalUsername, usernameCharactersMax } from '../../../src/users/username.ts';

describe('a user name', () => {
  test('is normalised and trimmed', () => {
    expect(canonicalUsername('user1')).toBe('user1');
    expect(canonicalUsername('  user1\u00A0')).toBe('user1');
    expect(canonicalUsername('ｕｓｅｒ１')).toBe('user1');
    expect(canonicalUsername('ﬁona')).toBe('fiona');
    expect(canonicalUsername('e\u0301va')).toBe('\u00E9va');
  });

  test('keeps its case and its inner blanks', () => {
    expect(canonicalUsername('User1')).toBe('User1');
    expect(canonicalUsername('Anna Maria')).toBe('Anna Maria');
  });

  test('has at most 150 characters, counted after normalisation', () => {
    const longest = 'x'.repeat(usernameCharactersMax);
    expect(canonicalUsername(longest)).toBe(longest);
    expect(canonicalUsername(` ${longest} `)).toBe(longest);
    expect(canonicalUsername(`${longest}x`)).toBeNull();
    expect(canonicalUsername('😀'.repeat(usernameCharactersMax))).not.toBeNull();
    // One character that becomes eighteen.
    expect(canonicalUsername('\uFDFA'.repeat(8))).not.toBeNull();
    expect(canonicalUsername('\uFDFA'.repeat(9))).toBeNull();
  });

  test('is refused when empty or with what could disguise a line of a log', () => {
    const names = [
      '',
      ' ',
      'a\0',
      'a\nb',
      'a\n',
      '\ta',
      'a\u007F',
      'a\u0085',
      'a\u2028b',
      'a\u202Eb',
      '\uD800',
    ];
    for (const name of names) expect(canonicalUsername(name), JSON.stringify(name)).toBeNull();
  });

  test('is the same when it goes through again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (raw) => {
        const once = canonicalUsername(raw);
        if (once !== null) expect(canonicalUsername(once)).toBe(once);
      }),
      { numRuns: 2_000 },
    );
  });
});
