import { costProblem } from './argon2id-cost.ts';
import type { Argon2idCost } from './argon2id-cost.ts';

/** A stored argon2id hash: what it costs, its salt, and the tag that the right password gives. */
export interface Argon2idHash {
  readonly cost: Argon2idCost;
  readonly salt: Uint8Array;
  readonly tag: Uint8Array;
}

export type ParsedArgon2idHash =
  | { readonly kind: 'parsed'; readonly hash: Argon2idHash }
  /** The reason never quotes the string. */
  | { readonly kind: 'refused'; readonly reason: string };

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
  /^\$argon2id\$v=19\$m=([1-9]\d{0,6}),t=([1-9]\d{0,6}),p=([1-9]\d{0,6})\$([A-Za-z0-9+/]{1,86})\$([A-Za-z0-9+/]{1,86})$/;

/** Reads `$argon2id$v=19$m=…,t=…,p=…$salt$tag` strictly. Never throws. */
export function parseArgon2idHash(text: string): ParsedArgon2idHash {
  const match = form.exec(text);
  if (match === null) {
    return refused('is not of the form $argon2id$v=19$m=…,t=…,p=…$salt$tag');
  }
  const [, memory = '', iterations = '', parallelism = '', saltText = '', tagText = ''] = match;
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
  return { kind: 'parsed', hash: Object.freeze({ cost, salt, tag }) };
}

/** The inverse of `parseArgon2idHash`. */
export function formatArgon2idHash(hash: Argon2idHash): string {
  const { memoryKib, iterations, parallelism } = hash.cost;
  const parameters = `m=${memoryKib},t=${iterations},p=${parallelism}`;
  return `$argon2id$v=19$${parameters}$${encodePart(hash.salt)}$${encodePart(hash.tag)}`;
}

function refused(reason: string): ParsedArgon2idHash {
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
