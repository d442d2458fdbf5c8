import { createHash } from 'node:crypto';
import type { ReadStoredPassword } from './stored-password.ts';

/**
 * One plain digest of salt and password. Broken as a way to keep passwords: a graphics card tries
 * billions a second. Read only where a directory says so.
 */
export interface DigestDerivation {
  readonly algorithm: 'digest';
  readonly digest: 'md5' | 'sha1';
  /** Empty for the unsalted forms. */
  readonly salt: Uint8Array;
}

/** The forms, by the names that Django gives them. */
export type WeakHasher = 'md5' | 'sha1' | 'unsalted_md5' | 'unsalted_sha1';

const forms: readonly (readonly [WeakHasher, 'md5' | 'sha1', RegExp])[] = [
  ['md5', 'md5', /^md5\$([^$]{1,128})\$([0-9a-f]{32})$/u],
  ['sha1', 'sha1', /^sha1\$([^$]{1,128})\$([0-9a-f]{40})$/u],
  ['unsalted_md5', 'md5', /^(?:md5\$()\$)?([0-9a-f]{32})$/],
  ['unsalted_sha1', 'sha1', /^sha1\$()\$([0-9a-f]{40})$/],
];

/** Reads `md5$salt$hex`, `sha1$salt$hex`, and what Django calls their unsalted forms. */
export function parseDigestHash(
  text: string,
  allowed: ReadonlySet<WeakHasher>,
): ReadStoredPassword {
  for (const [hasher, digest, form] of forms) {
    const match = form.exec(text);
    if (match === null) continue;
    if (!allowed.has(hasher)) {
      return { kind: 'refused', reason: `is of the broken kind ${hasher}, which is switched off` };
    }
    const [, saltText = '', keyText = ''] = match;
    const salt = new Uint8Array(Buffer.from(saltText, 'utf8'));
    const key = new Uint8Array(Buffer.from(keyText, 'hex'));
    const derivation = Object.freeze({ algorithm: 'digest', digest, salt });
    return { kind: 'read', stored: { kind: 'key', derivation, key } };
  }
  return { kind: 'refused', reason: 'is not of the form md5$salt$hex or sha1$salt$hex' };
}

export function deriveDigestKey(password: string, derivation: DigestDerivation): Uint8Array {
  const { digest, salt } = derivation;
  return createHash(digest).update(salt).update(password, 'utf8').digest();
}
