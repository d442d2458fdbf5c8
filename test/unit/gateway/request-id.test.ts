import { expect, it } from 'vitest';
import { nextRequestId } from '../../../src/gateway/request-id.ts';

it('makes ids of 32 lower-case hexadecimal digits, none twice, however often its pool is filled anew', () => {
  const ids = Array.from({ length: 5000 }, nextRequestId);
  expect(ids.filter((id) => !/^[\da-f]{32}$/.test(id))).toEqual([]);
  expect(new Set(ids).size).toBe(5000);
});
