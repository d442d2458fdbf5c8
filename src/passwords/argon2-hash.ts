import { argon2Sync } from 'node:crypto';
import { costProblem } from './argon2-cost.ts';
import type { Argon2Cost } from './argon2-cost.ts';

/** Argon2id is the one for new hashes; argon2i is what Django wrote before 3.2. */
export type Argon2Variant = 'argon2id' | 'argon2i';

/** A stored argon2 hash: what it costs, its salt, and the tag that the right password gives. */
export interface Argon2Hash {
  readonly variant: Argon2Variant;
  readonly cost: Argon2Cost;
  readonly salt: Uint8Array;
  readonly tag: Uint8Array;
}

export type ParsedArgon2Hash =
  | { readonly kind: 'parsed'; readonly hash: Argon2Hash }
  /** The reason never quotes the string. */
  | { readonly kind: 'refused'; readonly reason: string };

/** One computation: everything but the password. */
export interface Argon2Derivation {
  readonly algorithm: Argon2Variant;
  readonly cost: Argon2Cost;
  readonly salt: Uint8Array;
  readonly keyBytes: number;
}

const saltBytesMin = 8;
const tagBytesMin = 16;
const partBytesMax = 64;

/**
 * The one form that is accepted, as the PHC string format has it: version 19 (RFC 9106), parameters
 * in the order m, t, p, whole numbers without leading zeros, neither key id nor associated data.
 * The bounds on the repeats come before the bounds on the values, so that no input is long enough
 * to be slow.
 */
const form =
  /^\$argon2(id?)\$v=19\$m=([1-9]\d{0,6}),t=([1-9]\d{0,6}),p=([1-9]\d{0,6})\$([A-Za-z0-9+/]{1,86})\$([A-Za-z0-9+/]{1,86})$/;

/** Reads `$argon2id$v=19$m=…,t=…,p=…$salt$tag` strictly, and the same of argon2i. Never throws. */
export function parseArgon2Hash(text: string): ParsedArgon2Hash {
  const match = form.exec(text);
  if (match === null) {
    return refused('is not of the form $argon2id$v=19$m=…,t=…,p=…$salt$tag');
  }
  const [, letters, memory, iterations, parallelism, saltText = '', tagText = ''] = match;
  const variant = letters === 'id' ? 'argon2id' : 'argon2i';
  const cost = Object.freeze({
    memoryKib: Number(memory),
    iterations: Number(iterations),
    parallelism: Number(parallelism),
  });
  const problem = costProblem(cost);
  if (problem !== null) return refused(`costs too much or too little: ${problem}`);
  const salt = decodePart(saltText);
  if (salt === null || salt.length < saltBytesMin || salt.length > partBytesMax) {
    return refused(`has a salt that is not ${saltBytesMin} to ${partBytesMax} bytes of base64`);
  }
  const tag = decodePart(tagText);
  if (tag === null || tag.length < tagBytesMin || tag.length > partBytesMax) {
    return refused(`has a tag that is not ${tagBytesMin} to ${partBytesMax} bytes of base64`);
  }
  return { kind: 'parsed', hash: Object.freeze({ variant, cost, salt, tag }) };
}

/** The inverse of `parseArgon2Hash`. */
export function formatArgon2Hash({ variant, cost, salt, tag }: Argon2Hash): string {
  const { memoryKib, iterations, parallelism } = cost;
  const parameters = `m=${memoryKib},t=${iterations},p=${parallelism}`;
  return `$${variant}$v=19$${parameters}$${encodePart(salt)}$${encodePart(tag)}`;
}

export function deriveArgon2Key(password: string, derivation: Argon2Derivation): Uint8Array {
  const { algorithm, cost, salt, keyBytes } = derivation;
  return argon2Sync(algorithm, {
    message: Buffer.from(password, 'utf8'),
    nonce: salt,
    memory: cost.memoryKib,
    passes: cost.iterations,
    parallelism: cost.parallelism,
    tagLength: keyBytes,
  });
}

function refused(reason: string): ParsedArgon2Hash {
  return { kind: 'refused', reason };
}

/** Null unless the text is what the encoder gives: one hash, one spelling. */
function decodePart(text: string): Uint8Array | null {
  // A copy of its own: small Buffers share one slab, and sending one to a thread would clone the
  // slab.
  const bytes = new Uint8Array(Buffer.from(text, 'base64'));
  return encodePart(bytes) === text ? bytes : null;
}

function encodePart(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('base64')
    .replace(/=+$/, '');
}
