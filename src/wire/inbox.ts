import type { Socket } from 'node:net';
import { readLong } from './lent-socket.ts';

/** What a client may send ahead of its turn before we stop reading. */
const AHEAD_BYTES_MAX = 16_384;
const NOTHING = Buffer.alloc(0);

/** Octets that were received and not used yet, `bytes[start, end)`, and the tap of the socket they come from. */
export class Inbox {
  bytes: Buffer = NOTHING;
  start = 0;
  end = 0;
  readonly #socket: Socket;
  #isPaused = false;
  #isLent = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get isEmpty(): boolean {
    return this.start === this.end;
  }

  /** `bytes[start, end)` are lent until `keep`. */
  add(bytes: Buffer, start: number, end: number): void {
    if (this.start === this.end) {
      this.bytes = bytes;
      this.start = start;
      this.end = end;
      this.#isLent = true;
    } else {
      const before = this.bytes.subarray(this.start, this.end);
      this.bytes = Buffer.concat([before, bytes.subarray(start, end)]);
      this.start = 0;
      this.end = this.bytes.length;
      this.#isLent = false;
    }
  }

  /** The lender wants his octets back: what was not used is copied. */
  keep(): void {
    if (this.start === this.end || !this.#isLent) return;
    this.bytes = Buffer.from(this.bytes.subarray(this.start, this.end));
    this.end -= this.start;
    this.start = 0;
    this.#isLent = false;
  }

  /** So many more were used. What is used up is let go, for nobody may come by until the next octet does. */
  use(count: number): void {
    this.start += count;
    if (this.start >= this.end) this.clear();
  }

  clear(): void {
    this.bytes = NOTHING;
    this.start = 0;
    this.end = 0;
  }

  /** What waits is bounded: past that the client has to wait, too. */
  heedFull(): void {
    if (this.end - this.start > AHEAD_BYTES_MAX) this.pause();
  }

  /** While a long body comes that is used at once. */
  readLong(isLong: boolean): void {
    readLong(this.#socket, isLong);
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
