import { describe, expect, it } from 'vitest';
import { bearerTokenOf } from '../../../src/gateway/bearer.ts';

describe('the Authorization field', () => {
  it.each([
    ['Bearer abc.def-_~+/=', 'abc.def-_~+/='],
    ['bearer abc', 'abc'],
    ['BEARER   abc', 'abc'],
  ])('%s brings a token', (field, token) => {
    expect(bearerTokenOf(field)).toBe(token);
  });

  it.each([
    'Bearer',
    'Bearer ',
    'Bearer a b',
    'Bearer a,b',
    'Bearer "a"',
    'Bearer é',
    'Bearer a=b',
  ])('%s brings one that nobody takes', (field) => {
    expect(bearerTokenOf(field)).toBe('');
  });

  it.each([undefined, '', 'Basic eDp5', 'Bearerabc', 'Digest Bearer a'])(
    '%s brings none',
    (field) => {
      expect(bearerTokenOf(field)).toBeNull();
    },
  );
});
