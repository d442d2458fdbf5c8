import { createCipheriv, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../../src/lib/secret.ts';
import { KeyRing } from '../../../src/tokens/key-ring.ts';
import { SessionTokens } from '../../../src/tokens/session-token.ts';

const oldKey = { id: 'old', secret: new Secret('0123456789abcdef0123456789abcdef-old') };
const newKey = { id: 'a', secret: new Secret('0123456789abcdef0123456789abcdef-new') };
const ring = new KeyRing({ keys: [newKey, oldKey] });
const tokens = new SessionTokens(ring);
const ids = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => Buffer.from(bytes).toString('hex'));
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

describe('a session token', () => {
  test('gives back the id that was sealed', () => {
    fc.assert(
      fc.property(ids, (id) => {
        const token = tokens.seal(id);
        expect(tokens.open(token)).toBe(id);
        expect(tokens.unseal(token)).not.toBe('malformed');
      }),
    );
  });

  test('is 116 characters long with a key id of one, and another one each time', () => {
    const id = randomBytes(16).toString('hex');
    const one = tokens.seal(id);
    expect(one).toMatch(
      /^[A-Za-z0-9_-]{52}\.\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{22}$/,
    );
    expect(one).toHaveLength(116);
    expect(tokens.seal(id)).not.toBe(one);
  });

  test('shows nothing of the id', () => {
    const id = '00112233445566778899aabbccddeeff';
    const plain = Buffer.from(id, 'hex');
    for (const part of tokens.seal(id).split('.')) {
      expect(Buffer.from(part, 'base64url').includes(plain)).toBe(false);
    }
  });

  test('is a JWE that jose opens', async () => {
    const id = randomBytes(16).toString('hex');
    const opened = await compactDecrypt(tokens.seal(id), ring.issuing.key);
    expect(Buffer.from(opened.plaintext).toString('hex')).toBe(id);
    expect(opened.protectedHeader).toEqual({ alg: 'dir', enc: 'A256GCM', kid: 'a' });
  });

  test('may be one that jose sealed', async () => {
    const id = randomBytes(16).toString('hex');
    const token = await new CompactEncrypt(Buffer.from(id, 'hex'))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: 'a' })
      .encrypt(ring.issuing.key);
    expect(tokens.open(token)).toBe(id);
  });

  test('sealed with a key that no longer issues is good, with one that is gone is not', () => {
    const id = randomBytes(16).toString('hex');
    const old = new SessionTokens(new KeyRing({ keys: [oldKey] })).seal(id);
    expect(tokens.open(old)).toBe(id);
    expect(new SessionTokens(new KeyRing({ keys: [newKey] })).open(old)).toBeNull();
  });

  test('of another secret under the same key id is refused', () => {
    const other = new KeyRing({ keys: [{ ...newKey, secret: oldKey.secret }] });
    const token = new SessionTokens(other).seal(randomBytes(16).toString('hex'));
    expect(tokens.unseal(token)).toBe('forged');
    expect(tokens.open(token)).toBeNull();
  });

  test('is not sealed for what is no session id', () => {
    for (const id of ['', 'x', 'A'.repeat(32), '0'.repeat(31), `${'0'.repeat(32)}\n`]) {
      expect(() => tokens.seal(id)).toThrow('not a session id');
    }
  });
});

describe('a mangled session token is refused', () => {
  const token = tokens.seal('000102030405060708090a0b0c0d0e0f');

  test('whichever character is changed, and to whatever', () => {
    for (let at = 0; at < token.length; at += 1) {
      for (const character of `${alphabet}.=+/ \0é€`) {
        const mangled = token.slice(0, at) + character + token.slice(at + 1);
        if (mangled !== token)
          expect(tokens.open(mangled), `${character} at ${String(at)}`).toBeNull();
      }
    }
  });

  test('also where the changed last character decodes to the same bytes', () => {
    const parts = token.split('.');
    for (const index of [3, 4]) {
      const part = parts[index] ?? '';
      const twin = alphabet[alphabet.indexOf(part.at(-1) ?? '') + 1] ?? '';
      const mangled = parts.with(index, part.slice(0, -1) + twin).join('.');
      expect(Buffer.from(part, 'base64url')).toEqual(
        Buffer.from(part.slice(0, -1) + twin, 'base64url'),
      );
      expect(tokens.open(mangled)).toBeNull();
    }
  });

  test('when a piece is missing or one is added anywhere', () => {
    for (let at = 0; at <= token.length; at += 1) {
      expect(tokens.open(token.slice(0, at) + token.slice(at + 1))).toEqual(
        at === token.length ? expect.any(String) : null,
      );
      expect(tokens.open(`${token.slice(0, at)}A${token.slice(at)}`)).toBeNull();
      expect(tokens.open(`${token.slice(0, at)}.${token.slice(at)}`)).toBeNull();
    }
  });

  test('with a genuine but shortened tag', () => {
    const { key, header, headerBytes } = ring.issuing;
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: 4 });
    cipher.setAAD(headerBytes);
    const content =
      cipher.update(randomBytes(16), undefined, 'base64url') + cipher.final('base64url');
    const tag = cipher.getAuthTag().toString('base64url');
    expect(tokens.open(`${header}..${iv.toString('base64url')}.${content}.${tag}`)).toBeNull();
  });

  test('with genuine content that is no id', async () => {
    for (const length of [0, 15, 17, 32]) {
      const odd = await new CompactEncrypt(randomBytes(length))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: 'a' })
        .encrypt(ring.issuing.key);
      expect(tokens.open(odd)).toBeNull();
    }
  });

  test('with a genuine header that says the same in other words', async () => {
    for (const header of [
      { enc: 'A256GCM', alg: 'dir', kid: 'a' },
      { alg: 'dir', enc: 'A256GCM', kid: 'a', typ: 'x' },
      { alg: 'dir', enc: 'A256GCM' },
    ]) {
      const odd = await new CompactEncrypt(randomBytes(16))
        .setProtectedHeader(header)
        .encrypt(ring.issuing.key);
      expect(tokens.open(odd)).toBeNull();
    }
  });

  test('and nothing a stranger sends is opened or throws', () => {
    const pieces = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 600 }),
      fc
        .array(fc.constantFrom(...token.split('.'), '', '.', 'A', 'é'), { maxLength: 9 })
        .map((parts) => parts.join('.')),
      fc
        .tuple(fc.nat(token.length), fc.nat(token.length), fc.string())
        .map(([from, to, middle]) => token.slice(0, from) + middle + token.slice(to)),
      fc
        .tuple(
          fc.base64String({ minLength: 16, maxLength: 16 }),
          fc.base64String({ minLength: 24, maxLength: 24 }),
        )
        .map(
          ([iv, rest]) =>
            `${ring.issuing.header}..${iv}.${rest.slice(0, 21)}A.${rest.slice(2, 23)}Q`,
        ),
    );
    fc.assert(
      fc.property(pieces, (text) => {
        if (text === token) return;
        expect(tokens.open(text)).toBeNull();
        tokens.unseal(text);
      }),
      { numRuns: 20_000 },
    );
  });
});
