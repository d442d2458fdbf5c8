/** One read from an upstream, with room for a short head and the framing of a chunk. */
const SLAB_BYTES = 65_536 + 512;
/** Kept for the next body, 4 MiB in all. */
const IDLE_SLABS_MAX = 64;

const idle: Slab[] = [];

/**
 * Room for a piece of a body on its way to a client. A long download copies every piece once; without slabs each copy
 * would be an allocation that only a collection frees, tens of megabytes later.
 */
export class Slab {
  readonly bytes = Buffer.allocUnsafeSlow(SLAB_BYTES);
  /** To be called once, when nobody reads the bytes any more: the callback of a write. */
  readonly release = (): void => {
    if (idle.length < IDLE_SLABS_MAX) idle.push(this);
  };

  static take(): Slab {
    return idle.pop() ?? new Slab();
  }
}

export const slabBytes = SLAB_BYTES;
