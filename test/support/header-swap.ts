import { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

const PREFACE_BYTES = 24;
const HEAD_BYTES = 9;
const PAYLOAD_MAX = 16_384;
const HEADERS = 1;
const CONTINUATION = 9;
const END_STREAM = 1;
const END_HEADERS = 4;

/**
 * The connection below Node's client of HTTP/2: each header block that the client writes is replaced by the next one of
 * ours, so that a test can say what no client would. What comes back passes as it is.
 */
export class HeaderSwap extends Duplex {
  readonly #socket: TLSSocket;
  /** In the order in which the client will write its own. */
  readonly #blocks: Buffer[] = [];
  #waiting = Buffer.alloc(0);
  #isPrefaceSent = false;

  constructor(socket: TLSSocket) {
    super();
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => this.push(bytes));
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  next(block: Buffer): void {
    this.#blocks.push(block);
  }

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: unknown, done: (error?: Error | null) => void): void {
    this.#waiting = Buffer.concat([this.#waiting, bytes]);
    for (let piece = this.#take(); piece !== null; piece = this.#take()) this.#socket.write(piece);
    done();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  /** The next frame as it goes out; null: it is not whole yet. */
  #take(): Buffer | null {
    const bytes = this.#waiting;
    let length = PREFACE_BYTES;
    if (this.#isPrefaceSent) {
      if (bytes.length < HEAD_BYTES) return null;
      length = HEAD_BYTES + bytes.readUIntBE(0, 3);
    }
    if (bytes.length < length) return null;
    const frame = bytes.subarray(0, length);
    this.#waiting = bytes.subarray(length);
    if (!this.#isPrefaceSent) {
      this.#isPrefaceSent = true;
      return frame;
    }
    const block = frame[3] === HEADERS ? this.#blocks.shift() : undefined;
    return block === undefined ? frame : swapped(frame, block);
  }
}

function swapped(frame: Buffer, block: Buffer): Buffer {
  const isLast = (frame[4] ?? 0) & END_STREAM;
  const stream = frame.readUInt32BE(5);
  const frames: Buffer[] = [];
  for (let at = 0; at === 0 || at < block.length; at += PAYLOAD_MAX) {
    const payload = block.subarray(at, at + PAYLOAD_MAX);
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUIntBE(payload.length, 0, 3);
    head[3] = at === 0 ? HEADERS : CONTINUATION;
    head[4] = (at === 0 ? isLast : 0) | (at + PAYLOAD_MAX >= block.length ? END_HEADERS : 0);
    head.writeUInt32BE(stream, 5);
    frames.push(head, payload);
  }
  return Buffer.concat(frames);
}
