import type { Socket } from 'node:net';
import { ImmediateWriter } from './immediate-writer.ts';
import { PIECE_BYTES_MAX, Slab, slabBytes } from './slab.ts';
import { TurnEnd, type TurnWriter } from './turn-end.ts';

/** Pieces up to this size are joined with what waits: one string, one system call, no buffer. */
const JOINED_BYTES_MAX = 8192;
const WAITING_BYTES_MAX = 32_768;

/**
 * Makes few writes of the parts of a message. Texts and small pieces of body wait for company until `flush`. Pieces are
 * lent: what of them does not leave in the call is copied, and chunks are framed in the copy.
 */
export class PieceWriter implements TurnWriter {
  /** How often the socket was given something: whoever looks twice can tell whether anything has left. */
  writes = 0;
  readonly #socket: Socket;
  readonly #immediate: ImmediateWriter;
  #waiting = '';
  /** It will be asked to send before the turn ends. */
  #isPromised = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#immediate = new ImmediateWriter(socket);
  }

  text(text: string): void {
    this.#waiting += text;
  }

  /** `bytes[start, end)` as it is, or as a chunk of the chunked coding. Nothing for nothing: an empty chunk is an end. */
  piece(bytes: Buffer, start: number, end: number, isChunk: boolean): void {
    let at = start;
    if (!isChunk && end - start > JOINED_BYTES_MAX) at += this.#sendNow(bytes, start, end);
    while (at < end) {
      const stop = Math.min(end, at + PIECE_BYTES_MAX);
      if (isChunk) this.#waiting += `${(stop - at).toString(16)}\r\n`;
      if (stop - at <= JOINED_BYTES_MAX) this.#join(bytes, at, stop, isChunk);
      else this.#copy(bytes, at, stop, isChunk);
      at = stop;
    }
  }

  /** What waits leaves in this turn: at once, or, in busy times and if it is little, at the turn's end. */
  flush(): void {
    const { length } = this.#waiting;
    if (length === 0) return;
    if (length > JOINED_BYTES_MAX || this.#socket.writableLength > 0) this.send();
    else if (!this.#isPromised) {
      this.#isPromised = true; // it may be asked within the call
      if (!TurnEnd.shared.takes(this)) this.send();
    }
  }

  /** What waits leaves now. */
  send(): void {
    this.#isPromised = false;
    if (this.#waiting === '') return;
    const text = this.#waiting;
    this.#waiting = '';
    this.writes++;
    this.#socket.write(text, 'latin1');
  }

  /**
   * How many of the octets left at once, behind what waits, and so need no copy. What is before them is written over.
   *
   * What is left of a read may be too little for the socket to call itself full, so a peer that stalls can have a second
   * read waiting for it: 320 KiB at most, in five slabs, and 136 under TLS, whose reads are never long.
   */
  #sendNow(bytes: Buffer, start: number, end: number): number {
    const text = this.#waiting;
    const from = start - text.length;
    if (from < 0) return 0;
    bytes.write(text, from, 'latin1');
    const sent = this.#immediate.write(bytes, from, end);
    if (sent > 0) this.writes++;
    this.#waiting = text.slice(sent);
    return Math.max(0, sent - text.length);
  }

  #join(bytes: Buffer, start: number, end: number, isChunk: boolean): void {
    this.#waiting += bytes.toString('latin1', start, end);
    if (isChunk) this.#waiting += '\r\n';
    if (this.#waiting.length > WAITING_BYTES_MAX) this.send();
  }

  #copy(bytes: Buffer, start: number, end: number, isChunk: boolean): void {
    const length = end - start;
    if (this.#waiting.length + length + 2 > slabBytes) this.send();
    const before = this.#waiting.length;
    const slab = Slab.take(before + length + 2);
    slab.bytes.write(this.#waiting, 0, 'latin1');
    bytes.copy(slab.bytes, before, start, end);
    if (isChunk) slab.bytes.write('\r\n', before + length, 'latin1');
    this.#waiting = '';
    this.writes++;
    const size = before + length + (isChunk ? 2 : 0);
    this.#socket.write(slab.bytes.subarray(0, size), slab.release);
  }
}
