import { describe, expect, it } from 'vitest';
import { readConnectionField } from '../../../src/wire/connection-field.ts';

const read = (...values: readonly string[]) => {
  const options = {
    isCloseAsked: false,
    isKeepAliveAsked: false,
    nominated: [] as string[],
  };
  for (const value of values) readConnectionField(value, options);
  return [options.isCloseAsked, options.isKeepAliveAsked, options.nominated];
};

describe('the Connection fields of a head (RFC 9110 §7.6.1)', () => {
  it.each([
    ['close', true, false, []],
    ['Close', true, false, []],
    ['keep-alive', false, true, []],
    ['Keep-Alive', false, true, []],
    ['keep-alive, close', true, true, []],
    ['close\t,x', true, false, ['x']],
    ['keep-alive\t, x', false, false, ['x']],
    ['X-UserInfo , Cookie', false, false, ['x-userinfo', 'cookie']],
    ['Upgrade', false, false, ['upgrade']],
    ['closed', false, false, ['closed']],
    ['close x', false, false, ['close x']],
    ['close\xa0', false, false, ['close\xa0']],
    ['', false, false, []],
    [' ,, ,', false, false, []],
  ])(
    '%j says close: %s, keep-alive: %s, and nominates %j',
    (value, close, keepAlive, nominated) => {
      expect(read(value)).toEqual([close, keepAlive, nominated]);
    },
  );

  it('add up', () => {
    expect(read('x', 'close', 'y, keep-alive', 'keep-alive')).toEqual([true, true, ['x', 'y']]);
  });

  it('are gathered without a copy for each token, however many there are', () => {
    const nominated: string[] = [];
    const options = { isCloseAsked: false, isKeepAliveAsked: false, nominated };
    readConnectionField('a,'.repeat(131_072), options);
    readConnectionField('close, b', options);
    expect(options.nominated, 'the array that was there before').toBe(nominated);
    expect(nominated).toHaveLength(131_073);
    expect(options.isCloseAsked).toBe(true);
  });

  it('are never unsaid by a later one', () => {
    expect(read('keep-alive', 'keep-alive\t, x')).toEqual([false, true, ['x']]);
  });
});
