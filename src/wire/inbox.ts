import type { Socket } from 'node:net';

/** What a client may send ahead of its turn before we stop reading. */
const AHEAD_BYTES_MAX = 16_384;

/** Octets that were received and not used yet, and the tap of the socket they come from. */
export class Inbox {
  readonly #socket: Socket;
  #isPaused = false;
  bytes: Buffer | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get isEmpty(): boolean {
    return this.bytes === null;
  }

  add(bytes: Buffer): void {
    this.bytes = this.bytes === null ? bytes : Buffer.concat([this.bytes, bytes]);
  }

  /** Everything before `offset` was used. */
  use(offset: number): void {
    const { bytes } = this;
    this.bytes = bytes === null || offset >= bytes.length ? null : bytes.subarray(offset);
  }

  clear(): void {
    this.bytes = null;
  }

  /** What waits is bounded: past that the client has to wait, too. */
  heedFull(): void {
    if (this.bytes !== null && this.bytes.length > AHEAD_BYTES_MAX) this.pause();
  }

  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket.resume();
  }
}
