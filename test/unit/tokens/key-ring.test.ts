import { hkdfSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../../src/lib/secret.ts';
import { KeyRing } from '../../../src/tokens/key-ring.ts';

const first = { id: 'a', secret: new Secret('first-secret-0123456789abcdef0123456789') };
const second = { id: 'b', secret: new Secret('second-secret-0123456789abcdef012345678') };

describe('the key ring', () => {
  test('issues with the first key and knows all of them by their headers', () => {
    const ring = new KeyRing({ keys: [first, second] });
    expect(ring.issuing.id).toBe('a');
    expect(ring.isEphemeral).toBe(false);
    const other = new KeyRing({ keys: [second] }).issuing;
    expect(ring.keyOf(ring.issuing.header)).toBe(ring.issuing);
    expect(ring.keyOf(other.header)?.key.equals(other.key)).toBe(true);
  });

  test('writes nothing but algorithm and key id into the header', () => {
    const { header, headerBytes } = new KeyRing({ keys: [first] }).issuing;
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
      alg: 'dir',
      enc: 'A256GCM',
      kid: 'a',
    });
    expect(headerBytes.toString('latin1')).toBe(header);
  });

  test('derives 32 bytes that depend on the secret alone, so that every node has the same', () => {
    const { key } = new KeyRing({ keys: [first] }).issuing;
    const renamed = new KeyRing({ keys: [{ ...first, id: 'z' }] }).issuing.key;
    const expected = hkdfSync(
      'sha256',
      first.secret.reveal(),
      '',
      'portcullis session token, dir, A256GCM',
      32,
    );
    expect(key.export()).toEqual(Buffer.from(expected));
    expect(renamed.equals(key)).toBe(true);
  });

  test('makes up a key where none is configured, another one at each start', () => {
    const one = new KeyRing({ keys: [] });
    const other = new KeyRing({ keys: [] });
    expect(one.isEphemeral).toBe(true);
    expect(one.issuing.key.symmetricKeySize).toBe(32);
    expect(one.issuing.key.equals(other.issuing.key)).toBe(false);
  });

  test('refuses two keys with one id', () => {
    expect(() => new KeyRing({ keys: [first, { ...second, id: 'a' }] })).toThrow('same id');
  });
});
