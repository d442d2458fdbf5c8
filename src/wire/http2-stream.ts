import { constants, type ServerHttp2Stream } from 'node:http2';
import type { Reply } from '../http/reply.ts';
import type { ClientConnectionOwner } from './client-connection-owner.ts';
import type { CutReason } from './cut-reason.ts';
import type { Timed } from './deadlines.ts';
import { interimFields, replyFields, responseFields } from './http2-fields.ts';
import { sendHead, sendInterimHead } from './http2-answer-head.ts';
import { endsConnection } from './http2-refusals.ts';
import { Http2RequestBody, type Http2RequestBodyOwner } from './http2-request-body.ts';
import type { Lane, LaneExchange, Outcome, Peer } from './lane.ts';
import type { Refusal } from './refusals.ts';
import type { RequestHead } from './request-head.ts';
import { resetStream } from './reset-stream.ts';
import type { ResponseHead } from './response-head.ts';
import type { ResponseSink } from './response-sink.ts';
import type { UpstreamConnection } from './upstream-connection.ts';
import type { UpstreamFailure } from './upstream-failure.ts';

const { NGHTTP2_CANCEL, NGHTTP2_HTTP_1_1_REQUIRED, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR } =
  constants;

/** deciding → (collecting → deciding)? → relaying → closed; `closed` once an answer is on its way or the client has gone. */
const State = { deciding: 0, collecting: 1, relaying: 2, closed: 3 } as const;
type State = (typeof State)[keyof typeof State];

const NO_BODY = Buffer.alloc(0);

/** 'close' follows, and says all that matters. */
const ignore = (): void => {};

/** The connection, as far as its streams need it. */
export interface Http2StreamOwner {
  readonly owner: ClientConnectionOwner;
  readonly peer: Peer;
  /** Heads go from one stream to the next. */
  takeHead(): RequestHead;
  /** `isTakenBack`: by the client, before its answer was whole. */
  streamClosed(stream: ServerHttp2Stream, head: RequestHead, isTakenBack: boolean): void;
  /** Ends all of it. */
  destroy(): void;
}

/** One request on an HTTP/2 connection: the same decision as on HTTP/1.1, another way of writing. */
export class Http2Stream implements Lane, ResponseSink, Http2RequestBodyOwner, Timed {
  /** One client may have a hundred streams, and take nothing of any. */
  readonly takesLongReads = false;
  deadlineMs = Infinity;
  readonly isHttp2 = true;
  readonly peer: Peer;
  readonly head: RequestHead;
  readonly #owner: ClientConnectionOwner;
  readonly #connection: Http2StreamOwner;
  readonly #stream: ServerHttp2Stream;
  /** Null: the request had its end with its head. */
  readonly #body: Http2RequestBody | null;
  #state: State = State.deciding;
  #exchange: LaneExchange | null = null;
  #upstream: UpstreamConnection | null = null;
  #waiting: Buffer | null = null;
  #isHeadSent = false;
  #isCancelled = false;
  #status = 0;
  #bytesSent = 0;

  constructor(stream: ServerHttp2Stream, connection: Http2StreamOwner, hasBody: boolean) {
    const { owner, peer } = connection;
    this.#stream = stream;
    this.#connection = connection;
    this.#owner = owner;
    this.peer = peer;
    this.head = connection.takeHead();
    this.#body = hasBody ? new Http2RequestBody(this, stream, owner) : null;
    owner.deadlines.add(this);
    stream.on('error', ignore).on('close', () => this.#closed());
  }

  /** `refusal`: why the head could not be read. */
  begin(refusal: Refusal | null): void {
    if (refusal !== null) {
      this.refuse(refusal);
      return;
    }
    const { bodyBytesMax } = this.#owner.config.limits;
    const body = this.#body;
    if (body !== null && bodyBytesMax > 0 && this.head.contentLength > bodyBytesMax) {
      this.refuse('body-too-large');
      return;
    }
    this.head.bodyBytesMax = bodyBytesMax;
    if (body === null || this.head.contentLength !== 0) this.#open();
    else body.awaitEmptyEnd(() => this.#open());
  }

  // ── The decision's side ────────────────────────────────────────────────────────────────────────────────────────────

  reply(reply: Reply): void {
    if (this.#state !== State.deciding || this.#isGone) return;
    this.#send(reply, 'ok');
  }

  refuse(refusal: Refusal): void {
    if (this.#state === State.closed) return;
    this.#upstream?.abandon();
    this.#upstream = null;
    if (this.#isHeadSent || this.#isGone) {
      this.#end(`refused:${refusal}`);
      resetStream(this.#stream, NGHTTP2_INTERNAL_ERROR);
      return;
    }
    const reply = this.#owner.gate.refuse(this, refusal, this.head, this.#exchange);
    this.#send(reply, `refused:${refusal}`);
    if (endsConnection(refusal)) this.#stream.session?.close();
  }

  collect(bytesMax: number): void {
    const body = this.#body;
    if (body === null || body.isDone) this.#exchange?.bodyCollected(NO_BODY);
    else if (this.head.contentLength > bytesMax) this.refuse('body-too-large');
    else {
      this.#state = State.collecting;
      body.collect(bytesMax);
    }
  }

  relay(connection: UpstreamConnection, requestText: string): void {
    this.#state = State.relaying;
    this.#upstream = connection;
    connection.begin(this, this.head.method, requestText, this.head.isChunked);
    const body = this.#body;
    if (body === null || body.isDone) connection.end();
    else body.sendTo(connection);
  }

  /** Never asked, for no head here is a handshake; the code says where it belongs (RFC 9113 §7). */
  upgrade(): void {
    resetStream(this.#stream, NGHTTP2_HTTP_1_1_REQUIRED);
  }

  cut(reason: CutReason): void {
    if (this.#state === State.closed) return;
    this.#upstream?.abandon();
    this.#upstream = null;
    this.#end(`cut:${reason}`);
    resetStream(this.#stream, NGHTTP2_CANCEL);
  }

  // ── The upstream's side ────────────────────────────────────────────────────────────────────────────────────────────

  informationReceived(head: ResponseHead): void {
    this.#exchange?.inform(head);
    if (!this.#isGone) sendInterimHead(this.#stream, interimFields(head));
  }

  headReceived(head: ResponseHead): void {
    this.#exchange?.respond(head);
    this.#status = head.status;
    this.#isHeadSent = true;
    if (this.#isGone) return;
    sendHead(this.#stream, responseFields(head), { endStream: head.framing === 'none' });
  }

  /** A piece waits for the end of its read: the last one then goes out with the end of the stream, in one frame. */
  write(bytes: Buffer, start: number, end: number): void {
    if (this.#isGone) return;
    this.#bytesSent += end - start;
    this.flush();
    this.#waiting = Buffer.from(bytes.subarray(start, end));
  }

  flush(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    const wasBlocked = this.isClientBlocked;
    if (waiting === null || this.#isGone || this.#stream.write(waiting) || wasBlocked) return;
    this.#stream.once('drain', () => this.#drained());
    this.#upstream?.pause();
    this.#awaitClient();
  }

  responseEnded(): void {
    this.#upstream = null;
    this.#finishWriting(this.#waiting);
    this.#end(this.#isGone ? 'client-abort' : 'ok');
  }

  responseFailed(failure: UpstreamFailure): void {
    const hasAnswerBegun = this.#upstream?.hasAnswerBegun ?? false;
    this.#upstream = null;
    if (this.#state !== State.relaying) return;
    if (this.#isHeadSent) {
      this.#end(`upstream:${failure}`);
      resetStream(this.#stream, NGHTTP2_INTERNAL_ERROR);
      return;
    }
    this.#state = State.deciding;
    this.deadlineMs = Infinity;
    this.#body?.letGo();
    this.#exchange?.relayFailed(failure, hasAnswerBegun, this.#body?.isTouched === true);
  }

  requestDrained(): void {
    if (!this.#isBodyDone) this.#body?.resume();
  }

  expire(): void {
    const isStalled = this.isClientBlocked || this.#state === State.closed;
    if (isStalled || this.#isCancelled) this.#cancel();
    else if (!this.#isBodyDone) this.refuse('body-timeout');
    else this.deadlineMs = Infinity;
  }

  // ── The body's side ────────────────────────────────────────────────────────────────────────────────────────────────

  get isOver(): boolean {
    return this.#state === State.closed || this.#isGone;
  }

  get isClientBlocked(): boolean {
    return this.#stream.writableNeedDrain;
  }

  bodyDone(): void {
    if (!this.isClientBlocked) this.deadlineMs = Infinity;
  }

  bodyCollected(body: Buffer): void {
    this.#state = State.deciding;
    this.#exchange?.bodyCollected(body);
  }

  get bodyBytesReceived(): number {
    return this.#body?.bytes ?? 0;
  }

  // ── Within ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  get #isBodyDone(): boolean {
    return this.#body === null || this.#body.isDone;
  }

  /** It may have been taken back although its end is not told yet; whoever answers then is thrown at. */
  get #isGone(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }

  #open(): void {
    const exchange = this.#owner.gate.open(this, this.head);
    this.#exchange = exchange;
    exchange.begin();
  }

  /** Where not even that can be said, the client is gone, and the library may never hear of it. */
  #cancel(): void {
    if (this.#isCancelled) this.#connection.destroy();
    this.#isCancelled = true;
    resetStream(this.#stream, NGHTTP2_CANCEL);
    this.#awaitClient();
  }

  /** To take what it has been sent. */
  #awaitClient(): void {
    this.deadlineMs = this.#owner.deadlines.nowMs + this.#owner.config.timeouts.sendMs;
  }

  #send(reply: Reply, outcome: Outcome): void {
    const isBodyless =
      this.head.method === 'HEAD' || reply.body.length === 0 || reply.status === 204;
    this.#status = reply.status;
    sendHead(this.#stream, replyFields(reply), { endStream: isBodyless });
    if (!isBodyless) this.#bytesSent = Buffer.byteLength(reply.body);
    this.#finishWriting(isBodyless ? null : reply.body);
    this.#end(outcome);
  }

  /** RFC 9113 §8.1: an answer may be whole before the request; the rest of the body is then not wanted. */
  #finishWriting(last: Buffer | string | null): void {
    const stream = this.#stream;
    this.#waiting = null;
    if (this.#isGone) return;
    if (last === null) stream.end();
    else stream.end(last);
    // Without a body nothing was ever read: Node then lets the stream go by itself, and at less cost.
    if (this.#body === null) return;
    if (this.#body.isDone) stream.resume();
    else stream.once('finish', () => stream.close(NGHTTP2_NO_ERROR));
  }

  #end(outcome: Outcome): void {
    const exchange = this.#exchange;
    this.#exchange = null;
    this.#state = State.closed;
    this.#body?.letGo();
    this.#awaitClient();
    this.#owner.counters.bytesSent += this.#bytesSent;
    exchange?.finished(outcome, this.#status, this.#bytesSent);
  }

  #drained(): void {
    this.#upstream?.resume();
    if (this.#state !== State.relaying) return;
    const body = this.#body;
    if (body === null || body.isDone || body.isHeldUp) this.deadlineMs = Infinity;
    else body.awaitMore();
  }

  #closed(): void {
    this.#upstream?.abandon();
    this.#upstream = null;
    this.#owner.deadlines.remove(this);
    const isTakenBack = this.#state !== State.closed;
    if (isTakenBack) this.#end('client-abort');
    this.#connection.streamClosed(this.#stream, this.head, isTakenBack);
  }
}
