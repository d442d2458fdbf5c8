import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  forwardedAddress,
  forwardedValue,
  hopsOfForwarded,
  hopsOfXForwarded,
} from '../../../src/http/forwarded.ts';

describe('an address that a proxy names', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1:80', '192.0.2.1'],
    ['2001:DB8::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:80', '2001:db8::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['unknown', undefined],
    ['_hidden', undefined],
    ['192.0.2.256', undefined],
    ['[192.0.2.1', undefined],
    ['192.0.2.1:x', undefined],
    ['', undefined],
  ])('%j is %j', (text, address) => {
    expect(forwardedAddress(text)).toBe(address);
  });
});

describe('Forwarded', () => {
  it('is read with quotes, escapes, and separators within them', () => {
    expect(
      hopsOfForwarded('for="[2001:db8::1]:47"; Proto=HTTPS ;host="a,b;\\"c", ,For=192.0.2.1'),
    ).toEqual([
      { address: '2001:db8::1', proto: 'https', host: 'a,b;"c' },
      { address: '192.0.2.1', proto: undefined, host: undefined },
    ]);
  });

  it.each(['for="192.0.2.1', 'for', 'for=1;for=2', 'for = 192.0.2.1', '=x'])(
    '%j cannot be read',
    (text) => {
      expect(hopsOfForwarded(text)).toBeNull();
    },
  );

  it('is written so that it is read as the same', () => {
    const address = fc.oneof(
      fc.ipV4(),
      fc.ipV6().filter((text) => !text.includes('.')),
    );
    const host = fc.constantFrom('', 'a', 'a.example', 'a.example:8080', '[2001:db8::1]:1');
    fc.assert(
      fc.property(address, fc.boolean(), host, (from, isSecure, to) => {
        expect(hopsOfForwarded(forwardedValue(from, isSecure, to))).toEqual([
          {
            address: from.toLowerCase(),
            proto: isSecure ? 'https' : 'http',
            host: to === '' ? undefined : to,
          },
        ]);
      }),
    );
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        hopsOfForwarded(text);
        hopsOfXForwarded(text, text, text);
      }),
    );
  });
});
