import type { Socket } from 'node:net';
import { breakOff } from './break-off.ts';
import type { Reply } from '../http/reply.ts';
import { keptReplyText, replyHeadText, type Persistence } from './reply-text.ts';
import { PieceWriter } from './piece-writer.ts';
import type { BodyFraming } from './response-head.ts';
import { SendProgress } from './send-progress.ts';

const ASCII = /^[\x00-\x7f]*$/;

/** Writes one answer after the other to a client's socket. The head and pieces of the body wait until `flush`. */
export class ResponseWriter {
  readonly #socket: Socket;
  readonly #pieces: PieceWriter;
  readonly #progress: SendProgress;
  #framing: BodyFraming = 'none';
  /** Octets of bodies sent, framing left out; the caller resets it. */
  bodyBytes = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#pieces = new PieceWriter(socket);
    this.#progress = new SendProgress(socket);
  }

  /** True while the client has not taken what was written. */
  get isBlocked(): boolean {
    return this.#socket.writableNeedDrain;
  }

  /** A time limit begins for what waits. */
  watch(): void {
    this.#progress.begin();
  }

  /** Whether the client is slow, and does take something; at the end of a time limit, and the next begins. */
  isMoving(): boolean {
    return this.isBlocked && this.#progress.hasMoved();
  }

  /** True while anything of what was given to the socket has not left the process. */
  get isWaiting(): boolean {
    return this.#socket.writableLength > 0;
  }

  /** A 1xx answer, or another text that stands alone. */
  text(text: string): void {
    this.#pieces.text(text);
    this.#pieces.flush();
  }

  /** An empty 1xx answer of our own. */
  interim(status: 100 | 102): void {
    this.text(`HTTP/1.1 ${status} ${status === 100 ? 'Continue' : 'Processing'}\r\n\r\n`);
  }

  /** An answer of our own. Returns the size of the body that went out. */
  reply(reply: Reply, dateLine: string, persistence: Persistence, isHead: boolean): number {
    const { body, status } = reply;
    const isBodyless = isHead || status === 204 || status === 304 || body.length === 0;
    const kept = isBodyless ? null : keptReplyText(reply, dateLine, persistence);
    if (kept !== null) {
      this.text(kept);
      return body.length;
    }
    const headText = replyHeadText(reply, dateLine, persistence);
    if (isBodyless) {
      this.text(headText);
      return 0;
    }
    // Most of our bodies are ASCII, and a latin1 write is half the cost of one that has to be encoded.
    if (typeof body === 'string' && ASCII.test(body)) this.text(headText + body);
    else {
      this.#pieces.text(headText);
      this.send();
      this.#socket.write(body);
    }
    return Buffer.byteLength(body);
  }

  head(text: string, framing: BodyFraming): void {
    this.#pieces.text(text);
    this.#framing = framing;
    this.bodyBytes = 0;
  }

  body(bytes: Buffer, start: number, end: number): void {
    this.bodyBytes += end - start;
    this.#pieces.piece(bytes, start, end, this.#framing === 'chunked');
  }

  /** Before the turn ends. */
  flush(): void {
    this.#pieces.flush();
  }

  /** Now: whoever comes next has the socket itself. */
  send(): void {
    this.#pieces.send();
  }

  /** Our FIN, behind all that was written. */
  finish(): void {
    this.send();
    this.#socket.end();
  }

  /** The answer ends here, short of its end, and the client must be able to tell: where a FIN is the end, by a reset. */
  cut(): void {
    this.send();
    if (this.#framing === 'close') breakOff(this.#socket);
    else this.#socket.destroy();
  }

  end(): void {
    if (this.#framing === 'chunked') this.#pieces.text('0\r\n\r\n');
    this.flush();
  }
}
