import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LdapFrames } from '../../../src/users/ldap-frames.ts';

function message(length: number): Buffer {
  const head =
    length < 0x80
      ? [0x30, length]
      : [0x30, 0x84, 0, (length >> 16) & 255, (length >> 8) & 255, length & 255];
  return Buffer.concat([Buffer.from(head), Buffer.alloc(length, 0xff)]);
}

describe('the frames of a server', () => {
  it('are followed however the bytes come', () => {
    const lengths = fc.array(fc.nat(3000), { maxLength: 6 });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 500 }), (all, size) => {
        const bytes = Buffer.concat([...all.map(message), Buffer.from('no')]);
        const frames = new LdapFrames();
        const seen: boolean[] = [];
        for (let at = 0; at < bytes.length; at += size)
          seen.push(frames.take(bytes.subarray(at, at + size)));
        expect(seen.indexOf(false)).toBe(Math.floor((bytes.length - 2) / size));
      }),
    );
  });

  it.each(['00', '31', '3080', '308500', '308400400001', '3084ffffffff'])('end with %s', (hex) => {
    expect(new LdapFrames().take(Buffer.from(hex, 'hex'))).toBe(false);
  });

  it.each(['30', '3084', '3082ffff', '308400400000'])('may begin with %s', (hex) => {
    expect(new LdapFrames().take(Buffer.from(hex, 'hex'))).toBe(true);
  });
});
