import { describe, expect, test } from 'vitest';
import { isPasswordAcceptable, passwordBytesMax } from '../../../src/passwords/password.ts';

describe('a password', () => {
  test('is acceptable up to the bound in bytes', () => {
    expect(isPasswordAcceptable('x')).toBe(true);
    expect(isPasswordAcceptable('x'.repeat(passwordBytesMax))).toBe(true);
    expect(isPasswordAcceptable('é'.repeat(passwordBytesMax / 2))).toBe(true);
  });

  test('is refused when empty, with NUL, too long, or not well-formed', () => {
    expect(isPasswordAcceptable('')).toBe(false);
    expect(isPasswordAcceptable('a\0b')).toBe(false);
    expect(isPasswordAcceptable('x'.repeat(passwordBytesMax + 1))).toBe(false);
    expect(isPasswordAcceptable(`é${'x'.repeat(passwordBytesMax - 1)}`)).toBe(false);
    expect(isPasswordAcceptable('a\uD800b')).toBe(false);
  });

  test('keeps its blanks and every other character', () => {
    expect(isPasswordAcceptable('  ')).toBe(true);
    expect(isPasswordAcceptable('tab\tline\nemoji😀')).toBe(true);
  });
});
