import { createHash, randomBytes } from 'node:crypto';
import { parseArgon2Hash } from './argon2-hash.ts';
import type { Argon2Hash } from './argon2-hash.ts';
import type { KeyDerivation } from './derive-key.ts';
import { isPasswordAcceptable } from './password.ts';

/** A password that is kept as what a derivation makes of it. */
export interface StoredKey {
  readonly kind: 'key';
  readonly derivation: KeyDerivation;
  readonly key: Uint8Array;
}

/** What a directory keeps of a user's password. */
export type StoredPassword =
  | StoredKey
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
    const parsed = parseArgon2Hash(text);
    if (parsed.kind === 'refused') return parsed;
    if (parsed.hash.variant === 'argon2id') {
      return { kind: 'read', stored: keyOfArgon2(parsed.hash) };
    }
    return { kind: 'refused', reason: 'is of the variant argon2i, and only argon2id is read here' };
  }
  if (!isPasswordAcceptable(text)) {
    return { kind: 'refused', reason: 'is empty, too long, or holds NUL or broken Unicode' };
  }
  return { kind: 'read', stored: { kind: 'plain', digest: plainDigest(text) } };
}

export function keyOfArgon2({ variant, cost, salt, tag }: Argon2Hash): StoredKey {
  const derivation = Object.freeze({ algorithm: variant, cost, salt, keyBytes: tag.length });
  return { kind: 'key', derivation, key: tag };
}

/**
 * Nothing is stretched here: plain text is for demonstrations, and this only evens out the lengths.
 */
export function plainDigest(password: string): Uint8Array {
  return createHash('sha256').update(password, 'utf8').digest();
}

/**
 * A stored key that costs exactly what the given one costs and that nobody knows: it is random
 * bytes, so there is no password to guess behind it.
 */
export function decoyOf({ derivation, key }: StoredKey): StoredKey {
  return { kind: 'key', derivation, key: new Uint8Array(randomBytes(key.length)) };
}
