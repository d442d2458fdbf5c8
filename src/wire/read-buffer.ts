/**
 * What one read takes at most: 64 KiB, the size that uploads, downloads and many a server's writes come in, and the head
 * that goes before it. Octets.
 */
export const READ_BYTES_MAX = 65_536 + 8192;

/** Octets before what is read, for the head that goes out in front of a body: the two then leave in one write. */
const HEAD_ROOM = 8192;

/** What many sockets read into, one after the other. Whoever is lent octets of it may also write over those before them. */
export class ReadBuffer {
  static readonly start = HEAD_ROOM;
  readonly bytes = Buffer.allocUnsafeSlow(HEAD_ROOM + READ_BYTES_MAX);
  /** Where reads go: `bytes` from `start` on. */
  readonly room = this.bytes.subarray(HEAD_ROOM);
}
