import { createHash } from 'node:crypto';
import { hashSync } from 'bcryptjs';
import type { ReadStoredPassword } from './stored-password.ts';

/** One computation of bcrypt: everything but the password. */
export interface BcryptDerivation {
  readonly algorithm: 'bcrypt';
  /** The cost is two to this power. */
  readonly rounds: number;
  /** 22 characters of bcrypt's own base64. */
  readonly salt: string;
  /**
   * Whether the password goes in as the hexadecimal text of its SHA-256: otherwise only the first
   * 72 bytes of it count.
   */
  readonly isDigested: boolean;
}

/** About 1.2 s of one core in JavaScript; Django writes 12. */
const roundsMax = 14;

const form =
  /^bcrypt(_sha256)?\$\$2[aby]\$(0[4-9]|[12]\d|3[01])\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/;

/**
 * Reads `bcrypt_sha256$$2b$rounds$…` and `bcrypt$$2b$…`, as Django writes them. The variants 2a, 2b
 * and 2y are one: what they differ in were defects of single libraries.
 */
export function parseBcryptHash(text: string): ReadStoredPassword {
  const match = form.exec(text);
  if (match === null) {
    return { kind: 'refused', reason: 'is not of the form bcrypt_sha256$$2b$rounds$…' };
  }
  const [, digested, power, salt = '', keyText = ''] = match;
  const rounds = Number(power);
  if (rounds > roundsMax) {
    return { kind: 'refused', reason: `has more than ${roundsMax} rounds (as a power of two)` };
  }
  const isDigested = digested !== undefined;
  const derivation = Object.freeze({ algorithm: 'bcrypt', rounds, salt, isDigested });
  return { kind: 'read', stored: { kind: 'key', derivation, key: bytesOf(keyText) } };
}

/** The key is the text of it, in bcrypt's own base64: nobody else writes that. */
export function deriveBcryptKey(password: string, derivation: BcryptDerivation): Uint8Array {
  const { rounds, salt, isDigested } = derivation;
  const input = isDigested ? createHash('sha256').update(password, 'utf8').digest('hex') : password;
  const power = String(rounds).padStart(2, '0');
  return bytesOf(hashSync(input, `$2b$${power}$${salt}`).slice(-31));
}

function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}
