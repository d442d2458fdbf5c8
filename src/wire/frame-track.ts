const CLOSE = 8;
const MASKED = 0x80;

/**
 * Follows the frames of one direction of a WebSocket (RFC 6455 §5.2) far enough to know where one ends. It reads
 * headers, skips payloads, copies nothing and judges nothing.
 */
export class FrameTrack {
  /** Octets of the present frame's header: read so far, and in all as far as is known. */
  #read = 0;
  #need = 2;
  #lengthEnd = 2;
  #length = 0;
  /** Octets of the present frame's payload that are still to come. */
  #left = 0;
  #opcode = 0;
  /** A close frame went by: no further frame may follow. */
  hasClosed = false;

  /** Between two frames: another one may be put in here, also between the fragments of a message if it is control. */
  get isAtBoundary(): boolean {
    return this.#read === 0;
  }

  advance(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) at = this.#step(bytes, at);
  }

  /** The same up to the first boundary; returns the offset behind what belongs to the present frame. */
  advanceToBoundary(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length && !this.isAtBoundary) at = this.#step(bytes, at);
    return at;
  }

  #step(bytes: Buffer, at: number): number {
    if (this.#read < this.#need || this.#read === 0) return this.#readHeader(bytes, at);
    const step = Math.min(this.#left, bytes.length - at);
    this.#left -= step;
    if (this.#left === 0) this.#end();
    return at + step;
  }

  #readHeader(bytes: Buffer, at: number): number {
    const octet = bytes[at] ?? 0;
    const index = this.#read++;
    if (index === 0) {
      this.#opcode = octet & 0x0f;
      this.#need = 2;
    } else if (index === 1) {
      const code = octet & 0x7f;
      this.#length = code < 126 ? code : 0;
      this.#lengthEnd = code < 126 ? 2 : code === 126 ? 4 : 10;
      this.#need = this.#lengthEnd + ((octet & MASKED) === 0 ? 0 : 4);
    } else if (index < this.#lengthEnd) this.#length = this.#length * 256 + octet;
    if (this.#read === this.#need) {
      this.#left = this.#length;
      if (this.#left === 0) this.#end();
    }
    return at + 1;
  }

  #end(): void {
    this.hasClosed ||= this.#opcode === CLOSE;
    this.#read = 0;
    this.#need = 2;
  }
}

/** A close frame of a server (RFC 6455 §5.5.1). The reason has at most 123 octets. */
export function closeFrame(code: number, reason: string): Buffer {
  const text = Buffer.from(reason);
  const frame = Buffer.alloc(4 + text.length);
  frame[0] = 0x80 | CLOSE;
  frame[1] = 2 + text.length;
  frame.writeUInt16BE(code, 2);
  text.copy(frame, 4);
  return frame;
}
