import { randomBytes } from 'node:crypto';
import type { Argon2Cost } from './argon2-cost.ts';
import { formatArgon2Hash } from './argon2-hash.ts';
import { deriveKey } from './derive-key.ts';

const saltBytes = 16;
const keyBytes = 32;

/** A new argon2id hash of a password, as a PHC string. Blocks its thread for what it costs. */
export function hashPassword(password: string, cost: Argon2Cost): string {
  const salt = new Uint8Array(randomBytes(saltBytes));
  const tag = deriveKey(password, { algorithm: 'argon2id', cost, salt, keyBytes });
  return formatArgon2Hash({ variant: 'argon2id', cost, salt, tag });
}
