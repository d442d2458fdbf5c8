import { METHODS } from 'node:http';
import { describe, expect, it } from 'vitest';
import {
  expectsBody,
  isForbiddenMethod,
  isRetryable,
  knownMethod,
} from '../../../src/http/methods.ts';

describe('a method', () => {
  it('is known if Node’s own parser knows it', () => {
    expect(METHODS.map((method) => knownMethod(`${method} /`, method.length))).toEqual(METHODS);
    expect(METHODS).toContain('QUERY');
  });

  it.each(['', 'get', 'Get', 'FOO', 'PRI', 'GET ', 'toString', '__proto__'])(
    'is not known: %j',
    (method) => {
      expect(knownMethod(method, method.length)).toBeNull();
    },
  );

  it('is forbidden if it asks for a tunnel or an echo of credentials', () => {
    expect(METHODS.filter(isForbiddenMethod)).toEqual(['CONNECT', 'TRACE']);
  });

  it('is expected to have a body (RFC 9110 §8.6): POST, PUT, PATCH', () => {
    expect(METHODS.filter(expectsBody).toSorted()).toEqual(['PATCH', 'POST', 'PUT']);
  });

  it('is sent a second time only if it is safe', () => {
    expect(METHODS.filter(isRetryable).toSorted()).toEqual(['GET', 'HEAD', 'OPTIONS']);
  });
});
