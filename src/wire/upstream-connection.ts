import type { Socket } from 'node:net';
import { ChunkedDecoder } from './chunked-decoder.ts';
import { cleanHeadEnd } from './clean-head.ts';
import type { Timed } from './deadlines.ts';
import { HEAD_END } from './head-search.ts';
import { readLong } from './lent-socket.ts';
import { PieceWriter } from './piece-writer.ts';
import { READ_BYTES_MAX } from './read-buffer.ts';
import { ResponseHead } from './response-head.ts';
import { readResponseHead } from './response-parser.ts';
import type { ResponseSink } from './response-sink.ts';
import { SendProgress } from './send-progress.ts';
import type { UpstreamConnectionOwner } from './upstream-connection-owner.ts';
import type { UpstreamFailure } from './upstream-failure.ts';
import { isTlsError, openUpstreamSocket, readyEvent } from './upstream-socket.ts';

/**
 * connecting → idle ⇄ (head → body) → closed. `head`: an exchange is under way and its answer has not begun or is a
 * 1xx so far.
 */
const Phase = { connecting: 0, idle: 1, head: 2, body: 3, closed: 4 } as const;
type Phase = (typeof Phase)[keyof typeof Phase];

/** The RFC has no bound for 1xx answers; an upstream that sends more is broken or flooding. */
const INFORMATIONAL_MAX = 10;

/**
 * One HTTP/1.1 connection to an upstream server: writes requests, reads answers strictly, and goes back to its pool only
 * if both were whole and not one octet was too many (CVE-2026-48931 is what happens otherwise).
 */
export class UpstreamConnection implements Timed {
  deadlineMs: number;
  /** Exchanges begun on it. */
  uses = 0;
  /** An octet of an answer to the present exchange was read. */
  hasAnswerBegun = false;
  readonly #owner: UpstreamConnectionOwner;
  readonly #socket: Socket;
  readonly #pieces: PieceWriter;
  readonly #progress: SendProgress;
  readonly #head = new ResponseHead();
  #phase: Phase = Phase.connecting;
  #sink: ResponseSink | null = null;
  #method = '';
  #pending = '';
  #left = 0;
  #decoder: ChunkedDecoder | null = null;
  #informational = 0;
  /** Before the present exchange. */
  #writesBefore = 0;
  #isRequestChunked = false;
  #isRequestSent = false;
  #isPaused = false;
  /** There is a server at the address; with TLS that is only the beginning. */
  #isReached = false;
  #failure: UpstreamFailure = 'closed';

  constructor(owner: UpstreamConnectionOwner) {
    this.#owner = owner;
    this.deadlineMs = owner.deadlines.nowMs + owner.config.connectTimeoutMs;
    owner.deadlines.add(this);
    owner.counters.open++;
    this.#socket = openUpstreamSocket(owner.address, (bytes, start, end) =>
      this.#read(bytes, start, end),
    );
    this.#pieces = new PieceWriter(this.#socket);
    this.#progress = new SendProgress(this.#socket);
    this.#socket
      .on('connect', () => {
        this.#isReached = true;
      })
      .on(readyEvent(owner.address), () => this.#connected())
      .on('drain', () => this.#roomAgain())
      .on('end', () => this.#ended())
      .on('error', (error) => this.#erred(error))
      .on('close', () => this.#closed());
  }

  get isUsable(): boolean {
    return this.#phase === Phase.idle && !this.#socket.destroyed;
  }

  get isOpen(): boolean {
    return this.#phase !== Phase.closed && this.#phase !== Phase.connecting;
  }

  /**
   * Begins with a request head, which waits for company until `flush` or `end`. `isChunked`: a body follows in chunks;
   * else `send` sends it as it is.
   */
  begin(sink: ResponseSink, method: string, text: string, isChunked: boolean): void {
    this.#sink = sink;
    this.#method = method;
    this.#phase = Phase.head;
    this.#pending = '';
    this.#informational = 0;
    this.#isRequestChunked = isChunked;
    this.#isRequestSent = false;
    this.hasAnswerBegun = false;
    this.#isPaused = false;
    this.#writesBefore = this.#pieces.writes;
    this.uses++;
    this.deadlineMs = Infinity;
    this.#pieces.text(text);
  }

  /** A piece of the request's body; the octets are lent. */
  send(bytes: Buffer, start: number, end: number): void {
    this.#pieces.piece(bytes, start, end, this.#isRequestChunked);
  }

  /** What waits goes out, before the turn ends. False: full, `requestDrained` will follow. */
  flush(): boolean {
    this.#pieces.flush();
    return this.#sent(!this.#socket.writableNeedDrain);
  }

  /** The request is whole; from now on the upstream owes an answer. */
  end(): void {
    if (this.#isRequestSent) return;
    if (this.#isRequestChunked) this.#pieces.text('0\r\n\r\n');
    this.#pieces.flush();
    this.#isRequestSent = true;
    if (this.#phase === Phase.head) {
      this.deadlineMs = this.#owner.deadlines.nowMs + this.#owner.config.firstByteTimeoutMs;
    } else this.#awaitMore();
  }

  /** The client takes nothing at the moment. */
  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
    this.deadlineMs = Infinity;
  }

  resume(): void {
    this.#isPaused = false;
    this.#socket.resume();
    this.#awaitMore();
  }

  /** Ends the connection and tells nobody but the pool: the exchange was given up on the client's side. */
  abandon(): void {
    this.#sink = null;
    this.#socket.destroy();
  }

  expire(): void {
    if (this.#phase === Phase.connecting) this.#fail('connect-timeout');
    else if (this.#phase === Phase.idle) this.abandon();
    else if (this.#phase === Phase.head && this.#isRequestSent) this.#fail('first-byte-timeout');
    else if (!this.#isRequestSent && this.#progress.hasMoved()) this.#sent(false);
    else this.#fail('idle-timeout');
  }

  /** Waits in the pool. */
  rest(): void {
    this.deadlineMs = this.#owner.deadlines.nowMs + this.#owner.config.keepAliveMs;
  }

  #sent(hasRoom: boolean): boolean {
    if (!hasRoom) this.#progress.begin();
    // A server that takes nothing of a body is as dead as one that sends nothing; unless we let it send nothing.
    if (this.#phase === Phase.head || this.#phase === Phase.body) {
      this.deadlineMs =
        hasRoom || this.#isPaused
          ? Infinity
          : this.#owner.deadlines.nowMs + this.#owner.config.idleTimeoutMs;
    }
    return hasRoom;
  }

  #roomAgain(): void {
    // From here on it is the client that is waited for.
    if (this.#sink !== null && !this.#isRequestSent) this.deadlineMs = Infinity;
    this.#sink?.requestDrained();
  }

  /** While the client holds one of the two directions up, the server is not the one to blame. */
  #awaitMore(): void {
    if (this.#isPaused || (!this.#isRequestSent && !this.#socket.writableNeedDrain)) return;
    this.deadlineMs = this.#owner.deadlines.nowMs + this.#owner.config.idleTimeoutMs;
  }

  #erred(error: Error): void {
    if (this.#failure !== 'closed') return;
    const isConnecting = this.#phase === Phase.connecting;
    if (isConnecting && !this.#isReached) this.#failure = 'connect-failed';
    // TLS 1.3 servers say only after the handshake that they do not take our certificate.
    else if (isConnecting || isTlsError(error)) {
      this.#failure = 'tls';
    } else this.#failure = 'reset';
  }

  #connected(): void {
    this.#phase = Phase.idle;
    this.rest();
    this.#owner.opened(this);
  }

  #read(bytes: Buffer, start: number, end: number): void {
    const sink = this.#sink;
    if (sink === null || this.#pieces.writes === this.#writesBefore) {
      // Nobody has asked yet: more of the last answer than it said it was, or a goodbye. Either way unusable.
      this.#socket.destroy();
      return;
    }
    this.hasAnswerBegun = true;
    let at = start;
    if (this.#phase === Phase.head) {
      const used = this.#readHeads(bytes, start, end, sink);
      if (used < 0) return;
      at += used;
    }
    if (this.#phase === Phase.body) at = this.#readBody(bytes, at, end, sink);
    if (at < 0 || this.#sink !== sink) return;
    if (this.#phase === Phase.idle) this.#complete(sink, at < end);
    else {
      this.#awaitMore();
      sink.flush();
    }
  }

  /** Reads 1xx heads and the final one. Returns how many octets that took, or -1: more is needed, or it failed. */
  #readHeads(bytes: Buffer, start: number, stop: number, sink: ResponseSink): number {
    const known = this.#pending.length;
    const length = stop - start;
    const cleanEnd = known > 0 ? -1 : cleanHeadEnd(bytes, start, stop);
    let text = this.#pending + bytes.toString('latin1', start, cleanEnd < 0 ? stop : cleanEnd);
    let end =
      cleanEnd < 0 ? text.indexOf(HEAD_END, Math.max(0, known - 3)) : text.length - HEAD_END.length;
    let used = 0;
    while (end >= 0) {
      if (end > this.#owner.config.headBytesMax) return this.#fail('head-too-large');
      const head = this.#head;
      const { fieldsMax } = this.#owner.config;
      const isClean = used === 0 && cleanEnd >= 0;
      const { names } = this.#owner;
      const problem = readResponseHead(text, end, this.#method, fieldsMax, names, head, isClean);
      if (problem !== null) return this.#fail('malformed');
      used += end + HEAD_END.length;
      if (head.status >= 200) {
        this.#pending = '';
        this.#beginBody(head, sink);
        sink.headReceived(head);
        return this.#sink === sink ? used - known : -1;
      }
      // 101 was not asked for: the upstream would speak another protocol from here on.
      if (head.status === 101 || ++this.#informational > INFORMATIONAL_MAX)
        return this.#fail('malformed');
      if (head.status !== 100) sink.informationReceived(head);
      text =
        this.#pending.length + length > used
          ? (this.#pending + bytes.toString('latin1', start, stop)).slice(used)
          : '';
      end = text.indexOf(HEAD_END);
    }
    if (text.length > this.#owner.config.headBytesMax) return this.#fail('head-too-large');
    this.#pending = used > 0 ? text : this.#pending + bytes.toString('latin1', start, stop);
    return -1;
  }

  #beginBody(head: ResponseHead, sink: ResponseSink): void {
    this.#phase = Phase.body;
    switch (head.framing) {
      case 'none':
        this.#phase = Phase.idle;
        break;
      case 'length':
        this.#left = head.contentLength;
        if (this.#left > READ_BYTES_MAX) readLong(this.#socket, sink.takesLongReads);
        break;
      case 'chunked':
        this.#decoder = new ChunkedDecoder(this.#owner.names);
        break;
      case 'close':
        this.#left = Infinity;
        break;
    }
  }

  /** Returns the offset behind the last octet of the body, or -1 after a failure. Phase `idle` says that it was the last. */
  #readBody(bytes: Buffer, start: number, stop: number, sink: ResponseSink): number {
    if (this.#decoder !== null) {
      const at = this.#decoder.decode(bytes, start, stop, sink);
      if (typeof at === 'string') return this.#fail('malformed');
      if (this.#decoder.isDone) this.#endBody();
      return at;
    }
    const end = this.#left < stop - start ? start + this.#left : stop;
    this.#left -= end - start;
    if (this.#left === 0) this.#endBody();
    if (end > start) sink.write(bytes, start, end);
    return end;
  }

  #endBody(): void {
    this.#decoder = null;
    this.#phase = Phase.idle;
  }

  #complete(sink: ResponseSink, hasExcess: boolean): void {
    const { isCloseAsked, isKeepAliveAsked, minor } = this.#head;
    const isKept = !isCloseAsked && (minor === 1 || isKeepAliveAsked);
    this.#sink = null;
    readLong(this.#socket, false);
    if (this.#isPaused) this.#socket.resume();
    this.#isPaused = false;
    if (isKept && this.#isRequestSent && !hasExcess && !this.#socket.destroyed) {
      this.#owner.released(this);
    } else {
      this.#phase = Phase.idle;
      this.#socket.destroy();
    }
    sink.responseEnded();
  }

  /** The server's FIN: the regular end of a body without a length, else a failure. */
  #ended(): void {
    const sink = this.#sink;
    if (this.#phase === Phase.body && this.#left === Infinity && sink !== null) {
      this.#endBody();
      this.#head.isCloseAsked = true;
      this.#complete(sink, false);
    }
    this.#socket.destroy();
  }

  #fail(failure: UpstreamFailure): -1 {
    this.#failure = failure;
    this.#socket.destroy();
    return -1;
  }

  #closed(): void {
    const sink = this.#sink;
    const failure = this.#failure;
    this.#sink = null;
    this.#phase = Phase.closed;
    this.#owner.deadlines.remove(this);
    this.#owner.counters.open--;
    this.#owner.closed(this, failure);
    sink?.responseFailed(failure);
  }
}
