import { describe, expect, it } from 'vitest';
import { passedTraceState, readTraceParent } from '../../../src/http/trace-context.ts';

const id = '4bf92f3577b34da6a3ce929d0e0e4736';
const span = '00f067aa0ba902b7';

describe('a traceparent', () => {
  it.each([
    [`00-${id}-${span}-01`, '01'],
    [`00-${id}-${span}-00`, '00'],
    [`00-${id}-${span}-03`, '03'],
    // Bits that nobody knows are not passed on.
    [`00-${id}-${span}-ff`, '03'],
    [`00-${id}-${span}-fc`, '00'],
    // Later versions are read as far as 00 goes.
    [`cc-${id}-${span}-01`, '01'],
    [`cc-${id}-${span}-01-what-the-future-brings`, '01'],
  ])('%s is read', (value, flags) => {
    expect(readTraceParent(value)).toEqual({ traceId: id, flags });
  });

  it.each([
    '',
    'nonsense',
    `ff-${id}-${span}-01`,
    `00-${'0'.repeat(32)}-${span}-01`,
    `00-${id}-${'0'.repeat(16)}-01`,
    `00-${id.toUpperCase()}-${span}-01`,
    `00-${id}-${span}`,
    `00-${id}-${span}-0`,
    `00-${id}-${span}-01-more`,
    `cc-${id}-${span}-01more`,
    `00-${id.slice(1)}-${span}-01`,
    `00-${id}-${span}-0g`,
    ` 00-${id}-${span}-01`,
    `00-${id}-${span}-01, 00-${id}-${span}-01`,
  ])('%j is none', (value) => {
    expect(readTraceParent(value)).toBeNull();
  });
});

describe('a tracestate', () => {
  it('of several fields is one list, in their order, without what is empty', () => {
    expect(passedTraceState(['a=1, b=2', '', 'tenant@vendor=x y ,,'])).toBe(
      'a=1,b=2,tenant@vendor=x y',
    );
  });

  it.each([
    ['no pair', 'a'],
    ['a key in capitals', 'A=1'],
    ['no value', 'a='],
    ['a key twice', 'a=1,b=2,a=3'],
    ['octets that are none of a value', 'a=\x7f'],
    ['more than 32 members', Array.from({ length: 33 }, (_, at) => `k${String(at)}=1`).join()],
  ])('with %s is dropped', (_what, value) => {
    expect(passedTraceState([value])).toBe('');
  });

  it('that is too long loses its long members first, then the last ones', () => {
    const long = `long=${'x'.repeat(200)}`;
    const short = Array.from({ length: 8 }, (_, at) => `k${String(at)}=${'y'.repeat(69)}`);
    const passed = passedTraceState([[short[0], long, ...short.slice(1)].join()]);
    expect(passed.length).toBeLessThanOrEqual(512);
    expect(passed.split(',')).toEqual(short.slice(0, 7));
  });

  it('of 512 octets goes whole', () => {
    const value = `a=${'x'.repeat(254)},b=${'y'.repeat(253)}`;
    expect(value).toHaveLength(512);
    expect(passedTraceState([value])).toBe(value);
  });
});
