import type { Socket } from 'node:net';
import { READ_BYTES_MAX } from './read-bytes.ts';
import { Slab, slabBytes } from './slab.ts';

/** Pieces up to this size are joined with what waits: one string, one system call, no buffer. */
const JOINED_BYTES_MAX = 8192;
const WAITING_BYTES_MAX = 32_768;
/** Half of a slab: with less in it, what waits for a slow client would be more than twice what it was sent. */
const KEPT_BYTES_MIN = 32_768;

/**
 * Makes few writes of the parts of a message. Texts and small pieces of body wait for company until `flush`; pieces are
 * copied because they are lent, and chunks are framed in the copy.
 */
export class PieceWriter {
  readonly #socket: Socket;
  #waiting = '';

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  text(text: string): void {
    this.#waiting += text;
  }

  /** `bytes[start, end)` as it is, or as a chunk of the chunked coding. Nothing for nothing: an empty chunk is an end. */
  piece(bytes: Buffer, start: number, end: number, isChunk: boolean): void {
    let at = start;
    while (at < end) {
      const stop = Math.min(end, at + READ_BYTES_MAX);
      if (isChunk) this.#waiting += `${(stop - at).toString(16)}\r\n`;
      if (stop - at <= JOINED_BYTES_MAX) this.#join(bytes, at, stop, isChunk);
      else this.#copy(bytes, at, stop, isChunk);
      at = stop;
    }
  }

  /** Octets that are in a slab already: it is kept, where it is no waste of one. */
  slab(slab: Slab, start: number, end: number): void {
    if (end - start < KEPT_BYTES_MIN) this.piece(slab.bytes, start, end, false);
    else {
      this.flush();
      slab.isKept = true;
      this.#socket.write(slab.bytes.subarray(start, end), slab.release);
    }
  }

  flush(): void {
    if (this.#waiting === '') return;
    const text = this.#waiting;
    this.#waiting = '';
    this.#socket.write(text, 'latin1');
  }

  #join(bytes: Buffer, start: number, end: number, isChunk: boolean): void {
    this.#waiting += bytes.toString('latin1', start, end);
    if (isChunk) this.#waiting += '\r\n';
    if (this.#waiting.length > WAITING_BYTES_MAX) this.flush();
  }

  #copy(bytes: Buffer, start: number, end: number, isChunk: boolean): void {
    const length = end - start;
    if (this.#waiting.length + length + 2 > slabBytes) this.flush();
    const before = this.#waiting.length;
    const slab = Slab.take(before + length + 2);
    slab.bytes.write(this.#waiting, 0, 'latin1');
    bytes.copy(slab.bytes, before, start, end);
    if (isChunk) slab.bytes.write('\r\n', before + length, 'latin1');
    this.#waiting = '';
    const size = before + length + (isChunk ? 2 : 0);
    this.#socket.write(slab.bytes.subarray(0, size), slab.release);
  }
}
