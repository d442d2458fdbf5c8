import { describe, expect, it } from 'vitest';
import { accountKeyOf, networkOf } from '../../../src/users/throttle-key.ts';

describe('the name that an account is counted under', () => {
  it.each([
    'anna',
    'ANNA',
    ' Anna ',
    'Änna',
    'ａｎｎａ',
    'an\u00adna',
    'an\u200bna',
    'an\u0301na',
    'a nna',
  ])('is one for %j', (typed) => {
    expect(accountKeyOf(typed)).toBe('anna');
  });

  it('keeps others apart, and is short however long they are', () => {
    expect(accountKeyOf('anne')).toBe('anne');
    expect(accountKeyOf('STRASSE')).toBe(accountKeyOf('straße'));
    const [one, other] = [accountKeyOf('x'.repeat(149)), accountKeyOf('x'.repeat(150))];
    expect(one).not.toBe(other);
    expect(one?.length).toBeLessThan(64);
  });

  it('is none for what is no name', () => {
    for (const typed of ['', ' ', 'a\nb', 'x'.repeat(1_000)])
      expect(accountKeyOf(typed)).toBeNull();
  });
});

describe('the network that an address is counted under', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', ''],
  ])('of %j is %j', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
