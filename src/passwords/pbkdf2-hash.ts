import { pbkdf2Sync } from 'node:crypto';
import { decodeBase64 } from './base64.ts';
import type { ReadStoredPassword } from './stored-password.ts';

/** One computation of PBKDF2 (RFC 8018 §5.2) with HMAC: everything but the password. */
export interface Pbkdf2Derivation {
  readonly algorithm: 'pbkdf2';
  readonly digest: 'sha256' | 'sha1';
  readonly iterations: number;
  readonly salt: Uint8Array;
  readonly keyBytes: number;
}

const keyBytesOf = { sha256: 32, sha1: 20 } as const;

const form = /^pbkdf2_(sha256|sha1)\$([1-9]\d{0,8})\$([^$]{1,128})\$([A-Za-z0-9+/=]{28,44})$/u;

/**
 * Reads `pbkdf2_sha256$iterations$salt$key` and `pbkdf2_sha1$…`, as Django writes them. The salt is
 * the bytes of its text; the key is as long as the digest.
 */
export function parsePbkdf2Hash(text: string, iterationsMax: number): ReadStoredPassword {
  const match = form.exec(text);
  if (match === null) return refused('is not of the form pbkdf2_sha256$iterations$salt$key');
  const [, name, count, saltText = '', keyText = ''] = match;
  const digest = name === 'sha1' ? 'sha1' : 'sha256';
  const iterations = Number(count);
  if (iterations > iterationsMax) return refused(`has more than ${iterationsMax} iterations`);
  const keyBytes = keyBytesOf[digest];
  const key = decodeBase64(keyText);
  if (key?.length !== keyBytes) return refused(`has a key that is not ${keyBytes} bytes of base64`);
  const salt = new Uint8Array(Buffer.from(saltText, 'utf8'));
  const derivation = Object.freeze({ algorithm: 'pbkdf2', digest, iterations, salt, keyBytes });
  return { kind: 'read', stored: { kind: 'key', derivation, key } };
}

export function derivePbkdf2Key(password: string, derivation: Pbkdf2Derivation): Uint8Array {
  const { digest, iterations, salt, keyBytes } = derivation;
  return pbkdf2Sync(Buffer.from(password, 'utf8'), salt, iterations, keyBytes, digest);
}

function refused(reason: string): ReadStoredPassword {
  return { kind: 'refused', reason };
}
