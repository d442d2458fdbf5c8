import { scryptSync } from 'node:crypto';
import { decodeBase64 } from './base64.ts';
import type { ReadStoredPassword } from './stored-password.ts';

/** One computation of scrypt (RFC 7914): everything but the password. */
export interface ScryptDerivation {
  readonly algorithm: 'scrypt';
  /** N, a power of two. */
  readonly cost: number;
  /** R. */
  readonly blockSize: number;
  /** P. */
  readonly parallelization: number;
  readonly salt: Uint8Array;
  readonly keyBytes: number;
}

const keyBytes = 64;

/**
 * The dearest that is computed: 256 MiB, and about 1.5 s of one core. Django's are 16 MiB and a
 * sixth of that time.
 */
const memoryBytesMax = 268_435_456;
const workMax = 4_194_304;

const form =
  /^scrypt\$([1-9]\d{0,7})\$([^$]{1,128})\$([1-9]\d{0,2})\$([1-9]\d{0,2})\$([A-Za-z0-9+/]{86}==)$/u;

/** Reads `scrypt$N$salt$r$p$key`, as Django 4.0 and later write it: in that order. */
export function parseScryptHash(text: string): ReadStoredPassword {
  const match = form.exec(text);
  if (match === null) return refused('is not of the form scrypt$N$salt$r$p$key');
  const [, n, saltText = '', r, p, keyText = ''] = match;
  const cost = Number(n);
  const blockSize = Number(r);
  const parallelization = Number(p);
  if (cost < 2 || !Number.isInteger(Math.log2(cost))) {
    return refused('has an N that is no power of two');
  }
  const isDear =
    memoryBytes(cost, blockSize, parallelization) > memoryBytesMax ||
    cost * blockSize * parallelization > workMax;
  if (isDear) return refused('costs too much');
  const key = decodeBase64(keyText);
  if (key?.length !== keyBytes) return refused(`has a key that is not ${keyBytes} bytes of base64`);
  const salt = new Uint8Array(Buffer.from(saltText, 'utf8'));
  const parameters = { cost, blockSize, parallelization, salt, keyBytes };
  const derivation = Object.freeze({ algorithm: 'scrypt', ...parameters });
  return { kind: 'read', stored: { kind: 'key', derivation, key } };
}

export function deriveScryptKey(password: string, derivation: ScryptDerivation): Uint8Array {
  const { cost, blockSize, parallelization, salt } = derivation;
  const maxmem = 2 * memoryBytes(cost, blockSize, parallelization);
  const options = { cost, blockSize, parallelization, maxmem };
  return scryptSync(Buffer.from(password, 'utf8'), salt, derivation.keyBytes, options);
}

/** RFC 7914 §2: the large vector, and a block for each lane and two to mix. */
function memoryBytes(cost: number, blockSize: number, parallelization: number): number {
  return 128 * blockSize * (cost + parallelization + 2);
}

function refused(reason: string): ReadStoredPassword {
  return { kind: 'refused', reason };
}
