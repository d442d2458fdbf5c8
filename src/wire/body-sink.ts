import type { Slab } from './slab.ts';

/** Where the octets of a body go, without their framing. */
export interface BodySink {
  /**
   * Takes `bytes[start, end)`. A sink that is full says so to whoever feeds it, in its own way, and still takes it all.
   * The octets are lent from a shared read buffer: who keeps any copies them, or keeps the slab that they are in, if there
   * is one.
   */
  write(bytes: Buffer, start: number, end: number, slab: Slab | null): void;
}

/** For bodies that nobody wants. */
export const NOWHERE: BodySink = { write: () => {} };
