import { createHash } from 'node:crypto';

/** Numbers that look random and are the same in every run of a seed (mulberry32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 to below `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.alloc(length);
    for (let at = 0; at < length; at++) bytes[at] = this.below(256);
    return bytes;
  }

  /** The bytes in pieces of random sizes. */
  *pieces(bytes: Buffer, sizeMax: number): Generator<Buffer> {
    for (let at = 0; at < bytes.length;) {
      const size = 1 + this.below(sizeMax);
      yield bytes.subarray(at, at + size);
      at += size;
    }
  }
}

export function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The bytes in the chunked coding, in chunks of random sizes. */
export function inChunks(bytes: Buffer, dice: Dice, sizeMax: number): Buffer {
  const out: Buffer[] = [];
  for (const piece of dice.pieces(bytes, sizeMax)) {
    out.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
  }
  out.push(Buffer.from('0\r\n\r\n'));
  return Buffer.concat(out);
}
