/** Octets before what is read, for the head that goes out in front of a body: the two then leave in one write. */
const HEAD_ROOM = 8192;
/** What one read takes as a rule: 64 KiB, in which much of the world sends, and the head before them. Octets. */
export const READ_BYTES = 65_536 + 8192;

/**
 * What one read takes while a long body passes, in octets. Each read and the write behind it have work of their own in the
 * kernel (acknowledgements, the timer of a congestion control that paces): with usual reads a mebibyte costs a quarter to
 * two thirds more, with reads twice as long it costs the same.
 */
export const READ_BYTES_MAX = 4 * 65_536;

/** What many sockets read into, one after the other. Whoever is lent octets of it may also write over those before them. */
export class ReadBuffer {
  static readonly start = HEAD_ROOM;
  readonly bytes = Buffer.allocUnsafeSlow(HEAD_ROOM + READ_BYTES_MAX);
  /** Where reads go: `bytes` from `start` on, as far as one read may take. */
  readonly room = this.bytes.subarray(HEAD_ROOM, HEAD_ROOM + READ_BYTES);
  readonly longRoom = this.bytes.subarray(HEAD_ROOM);
}
