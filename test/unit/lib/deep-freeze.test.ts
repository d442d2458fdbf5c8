import { expect, it } from 'vitest';
import { deepFreeze } from '../../../src/lib/deep-freeze.ts';
import { Secret } from '../../../src/lib/secret.ts';

it('freezes objects and arrays at every depth', () => {
  const value = deepFreeze({
    a: [{ b: { c: 1 } }],
    d: Object.assign(Object.create(null), { e: [] }),
  });
  expect(
    [value, value.a, value.a[0], value.a[0]?.b, value.d, value.d.e].every(Object.isFrozen),
  ).toBe(true);
});

it('leaves instances and plain values as they are', () => {
  const secret = new Secret('x');
  expect(deepFreeze({ secret }).secret.reveal()).toBe('x');
  expect([deepFreeze(1), deepFreeze(null), deepFreeze('a')]).toEqual([1, null, 'a']);
});

it('ends where a value holds itself', () => {
  const value: { self?: unknown } = {};
  value.self = value;
  expect(Object.isFrozen(deepFreeze(value))).toBe(true);
});
