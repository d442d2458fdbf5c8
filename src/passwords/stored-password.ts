import { createHash, randomBytes } from 'node:crypto';
import { parseArgon2idHash } from './argon2id-hash.ts';
import type { Argon2idHash } from './argon2id-hash.ts';
import { isPasswordAcceptable } from './password.ts';

/** What a directory keeps of a user's password. */
export type StoredPassword =
  | { readonly kind: 'argon2id'; readonly hash: Argon2idHash }
  /** A password that stood as plain text; only its SHA-256 is kept, so that lengths are alike. */
  | { readonly kind: 'plain'; readonly digest: Uint8Array };

export type ReadStoredPassword =
  | { readonly kind: 'read'; readonly stored: StoredPassword }
  /** The reason never quotes the text. */
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Reads a configured password. Also where plain text is allowed, a text that begins like a hash is
 * one: were it taken as it stands, whoever reads the file could log in with the hash itself.
 */
export function readStoredPassword(text: string, isPlainTextAllowed: boolean): ReadStoredPassword {
  if (!isPlainTextAllowed || text.startsWith('$argon2')) {
    const parsed = parseArgon2idHash(text);
    if (parsed.kind === 'refused') return parsed;
    return { kind: 'read', stored: { kind: 'argon2id', hash: parsed.hash } };
  }
  if (!isPasswordAcceptable(text)) {
    return { kind: 'refused', reason: 'is empty, too long, or holds NUL or broken Unicode' };
  }
  return { kind: 'read', stored: { kind: 'plain', digest: plainDigest(text) } };
}

/**
 * Nothing is stretched here: plain text is for demonstrations, and this only evens out the lengths.
 */
export function plainDigest(password: string): Uint8Array {
  return createHash('sha256').update(password, 'utf8').digest();
}

/**
 * A stored password that costs exactly what the given one costs and that nobody knows: salt and tag
 * are random bytes, so there is no password to guess behind it.
 */
export function decoyOf(stored: StoredPassword): StoredPassword {
  if (stored.kind === 'plain') {
    return { kind: 'plain', digest: freshBytes(stored.digest.length) };
  }
  const { cost, salt, tag } = stored.hash;
  const hash = { cost, salt: freshBytes(salt.length), tag: freshBytes(tag.length) };
  return { kind: 'argon2id', hash };
}

function freshBytes(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length));
}
