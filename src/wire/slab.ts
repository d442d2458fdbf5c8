import { READ_BYTES } from './read-buffer.ts';

/** What one slab has room for besides a short head and the framing of a chunk: a usual read. Longer pieces want several. */
export const PIECE_BYTES_MAX = READ_BYTES;
/** Room for a record of TLS, and for the longest piece. */
const SMALL_BYTES = 16_384 + 1024;
const LARGE_BYTES = PIECE_BYTES_MAX + 512;
/** Kept for the next body: 5.6 MiB in all. */
const IDLE_SLABS_MAX = 64;

const idleSmall: Slab[] = [];
const idleLarge: Slab[] = [];

/**
 * Room for a piece of a body on its way. Without slabs each piece would be an allocation that only a collection frees,
 * tens of megabytes later. Of two sizes, so that what waits for a slow peer is not much more than what it was sent.
 */
export class Slab {
  readonly bytes: Buffer;
  /** To be called once, when nobody reads the bytes any more: the callback of a write. */
  readonly release: () => void;

  private constructor(size: number, idle: Slab[]) {
    this.bytes = Buffer.allocUnsafeSlow(size);
    this.release = () => {
      if (idle.length < IDLE_SLABS_MAX) idle.push(this);
    };
  }

  /** One that has room for so many octets, which are no more than the longest piece and its framing. */
  static take(octets: number): Slab {
    const isSmall = octets <= SMALL_BYTES;
    const idle = isSmall ? idleSmall : idleLarge;
    return idle.pop() ?? new Slab(isSmall ? SMALL_BYTES : LARGE_BYTES, idle);
  }
}

export const slabBytes = LARGE_BYTES;
