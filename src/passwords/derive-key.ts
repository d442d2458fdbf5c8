import { deriveArgon2Key } from './argon2-hash.ts';
import type { Argon2Derivation } from './argon2-hash.ts';
import { deriveBcryptKey } from './bcrypt-hash.ts';
import type { BcryptDerivation } from './bcrypt-hash.ts';
import { deriveDigestKey } from './digest-hash.ts';
import type { DigestDerivation } from './digest-hash.ts';
import { derivePbkdf2Key } from './pbkdf2-hash.ts';
import type { Pbkdf2Derivation } from './pbkdf2-hash.ts';
import { deriveScryptKey } from './scrypt-hash.ts';
import type { ScryptDerivation } from './scrypt-hash.ts';

/**
 * How a password becomes a key: the algorithm, what it costs, and the salt. Plain values only: it
 * crosses into a thread.
 */
export type KeyDerivation =
  | Argon2Derivation
  | BcryptDerivation
  | DigestDerivation
  | Pbkdf2Derivation
  | ScryptDerivation;

/**
 * Stretches a password into a key. Takes as long as the derivation says and blocks its thread
 * meanwhile.
 */
export function deriveKey(password: string, derivation: KeyDerivation): Uint8Array {
  // A copy of its own: small Buffers share one slab.
  return new Uint8Array(derive(password, derivation));
}

function derive(password: string, derivation: KeyDerivation): Uint8Array {
  switch (derivation.algorithm) {
    case 'argon2id':
    case 'argon2i':
      return deriveArgon2Key(password, derivation);
    case 'bcrypt':
      return deriveBcryptKey(password, derivation);
    case 'digest':
      return deriveDigestKey(password, derivation);
    case 'pbkdf2':
      return derivePbkdf2Key(password, derivation);
    case 'scrypt':
      return deriveScryptKey(password, derivation);
  }
}
