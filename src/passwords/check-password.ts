import { timingSafeEqual } from 'node:crypto';
import type { HashJob } from './derive-key.ts';
import { plainDigest } from './stored-password.ts';
import type { StoredPassword } from './stored-password.ts';

/** The part of the hashing pool that checking needs. */
export interface KeyDeriver {
  deriveKey(job: HashJob): Promise<Uint8Array | 'unavailable'>;
}

export type PasswordMatch = 'match' | 'mismatch' | 'unavailable';

/**
 * Compares a password with what is stored, in constant time. The caller has refused what
 * `isPasswordAcceptable` refuses.
 */
export async function checkPassword(
  password: string,
  stored: StoredPassword,
  deriver: KeyDeriver,
): Promise<PasswordMatch> {
  if (stored.kind === 'plain') return compare(plainDigest(password), stored.digest);
  const { cost, salt, tag } = stored.hash;
  const job: HashJob = { algorithm: 'argon2id', password, cost, salt, keyBytes: tag.length };
  const key = await deriver.deriveKey(job);
  return key === 'unavailable' ? key : compare(key, tag);
}

function compare(left: Uint8Array, right: Uint8Array): PasswordMatch {
  return timingSafeEqual(left, right) ? 'match' : 'mismatch';
}
