import { describe, expect, it } from 'vitest';
import { passOrder } from '../../../bench/comparison/pass-order.ts';

describe('who is measured when in a pass', () => {
  it('has the yardstick again before every fifth of the others', () => {
    const order = passOrder([...'abpcdefghijklmn'], 'p');
    expect(order.join('')).toBe('pabcdepfghijpklmn');
  });

  it('has everybody once where they are few', () => {
    expect(passOrder([...'abcdep'], 'p').join('')).toBe('pabcde');
    expect(passOrder(['p'], 'p')).toEqual(['p']);
    expect(passOrder([], 'p')).toEqual([]);
  });

  it('has everybody once, as they came, where nobody is the yardstick', () => {
    expect(passOrder([...'abcdefghi']).join('')).toBe('abcdefghi');
    expect(passOrder([...'abcdefghi'], 'p').join('')).toBe('abcdefghi');
  });
});
