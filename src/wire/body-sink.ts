/** Where the octets of a body go, without their framing. */
export interface BodySink {
  /**
   * Takes `bytes[start, end)`. A sink that is full says so to whoever feeds it, in its own way, and still takes it all.
   * Bodies of responses are lent from a shared read buffer and must be copied; those of requests may be kept.
   */
  write(bytes: Buffer, start: number, end: number): void;
}

/** For bodies that nobody wants. */
export const NOWHERE: BodySink = { write: () => {} };
