import { Socket, type OnReadOpts, type SocketConstructorOpts } from 'node:net';
import { ReadBuffer } from './read-buffer.ts';

/** Is lent `bytes[start, end)` for the call, and what is before them. */
export type LentReader = (bytes: Buffer, start: number, end: number) => void;

/** What a socket is told of the buffer that its reads go into: Node asks again behind each read. */
export class LentReads implements OnReadOpts {
  readonly #buffer: ReadBuffer;
  #isBegun = false;
  #isLong = false;
  #isChanged = false;
  readonly callback: (length: number) => boolean;

  constructor(buffer: ReadBuffer, read: LentReader) {
    this.#buffer = buffer;
    this.callback = (length) => {
      this.#isBegun = true;
      read(buffer.bytes, ReadBuffer.start, ReadBuffer.start + length);
      return true;
    };
  }

  /** Whether reads may take all that the buffer has room for; from the one behind the next on, or the next within a read. */
  set isLong(isLong: boolean) {
    if (this.#isLong === isLong) return;
    this.#isLong = isLong;
    this.#isChanged = true;
  }

  // What is no buffer leaves it as it was, and costs nothing; the types do not say so.
  readonly buffer = (): Uint8Array => {
    if (this.#isBegun && !this.#isChanged) return undefined as unknown as Uint8Array;
    this.#isChanged = false;
    return this.#isLong ? this.#buffer.longRoom : this.#buffer.room;
  };
}

/** A socket whose reads go into a buffer that it shares with others: a read and its call are one turn. */
export class LentSocket extends Socket {
  readonly #reads: LentReads;

  constructor(buffer: ReadBuffer, options: SocketConstructorOpts, read: LentReader) {
    const reads = new LentReads(buffer, read);
    super({ ...options, onread: reads });
    this.#reads = reads;
  }

  /** While a long body passes. Nobody who may stall should be able to have many of such reads wait for him. */
  readLong(isLong: boolean): void {
    this.#reads.isLong = isLong;
  }
}

/** The same for any socket: another one reads as it always does. */
export function readLong(socket: Socket, isLong: boolean): void {
  if (socket instanceof LentSocket) socket.readLong(isLong);
}
