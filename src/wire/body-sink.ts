/** Where the octets of a body go, without their framing. */
export interface BodySink {
  /**
   * Takes `bytes[start, end)`. A sink that is full says so to whoever feeds it, in its own way, and still takes it all.
   * The octets are lent from a shared read buffer, and those before `start` are nobody's any more: a head may be written
   * there. Who keeps any copies them.
   */
  write(bytes: Buffer, start: number, end: number): void;
}

/** For bodies that nobody wants. */
export const NOWHERE: BodySink = { write: () => {} };
