import { constants, type ServerHttp2Stream } from 'node:http2';
import type { Reply } from '../http/reply.ts';
import { BodyCollector } from './body-collector.ts';
import { BodyPace } from './body-pace.ts';
import type { ClientConnectionOwner } from './client-connection-owner.ts';
import type { CutReason } from './cut-reason.ts';
import type { Timed } from './deadlines.ts';
import { interimFields, replyFields, responseFields } from './http2-fields.ts';
import { sendHead, sendInterimHead } from './http2-answer-head.ts';
import { endsConnection } from './http2-refusals.ts';
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
export class Http2Stream implements Lane, ResponseSink, Timed {
  /** One client may have a hundred streams, and take nothing of any. */
  readonly takesLongReads = false;
  deadlineMs = Infinity;
  bodyBytesReceived = 0;
  readonly isHttp2 = true;
  readonly peer: Peer;
  readonly head: RequestHead;
  readonly #owner: ClientConnectionOwner;
  readonly #connection: Http2StreamOwner;
  readonly #stream: ServerHttp2Stream;
  readonly #pace: BodyPace;
  #collector: BodyCollector | null = null;
  #state: State = State.deciding;
  #exchange: LaneExchange | null = null;
  #upstream: UpstreamConnection | null = null;
  #waiting: Buffer | null = null;
  /** The end of a body whose length is known: it goes on when the client has said that nothing follows. */
  #bodyTail: Buffer | null = null;
  readonly #hasBody: boolean;
  #isBodyDone: boolean;
  #isBodyTouched = false;
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
    this.#hasBody = hasBody;
    this.#isBodyDone = !hasBody;
    const { limits, timeouts } = owner.config;
    this.#pace = new BodyPace(timeouts.bodyIdleMs, limits.bodyBytesPerSecondMin);
    this.#pace.begin();
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
    if (!this.#isBodyDone && bodyBytesMax > 0 && this.head.contentLength > bodyBytesMax) {
      this.refuse('body-too-large');
      return;
    }
    this.head.bodyBytesMax = bodyBytesMax;
    if (this.#isBodyDone || this.head.contentLength !== 0) this.#open();
    else this.#awaitEnd();
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
    const collector = new BodyCollector();
    collector.begin(bytesMax);
    this.#collector = collector;
    if (this.#isBodyDone) this.#exchange?.bodyCollected(collector.take());
    else if (this.head.contentLength > bytesMax) this.refuse('body-too-large');
    else {
      this.#state = State.collecting;
      this.#readBody();
    }
  }

  relay(connection: UpstreamConnection, requestText: string): void {
    this.#state = State.relaying;
    this.#upstream = connection;
    connection.begin(this, this.head.method, requestText, this.head.isChunked);
    if (!this.#isBodyDone) this.#readBody();
    this.#flushUpload(connection);
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
    if (waiting === null || this.#isGone || this.#stream.write(waiting)) return;
    this.#stream.once('drain', () => this.#drained());
    this.#upstream?.pause();
    this.deadlineMs = this.#owner.deadlines.nowMs + this.#owner.config.timeouts.sendMs;
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
    this.#exchange?.relayFailed(failure, hasAnswerBegun, this.#isBodyTouched);
  }

  requestDrained(): void {
    if (this.#isBodyDone) return;
    this.#awaitBody();
    this.#stream.resume();
  }

  expire(): void {
    const isStalled = this.#stream.writableNeedDrain || this.#state === State.closed;
    if (isStalled || this.#isCancelled) this.#cancel();
    else if (!this.#isBodyDone) this.refuse('body-timeout');
    else this.deadlineMs = Infinity;
  }

  /** It may have been taken back although its end is not told yet; whoever answers then is thrown at. */
  get #isGone(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }

  // ── Within ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #open(): void {
    const exchange = this.#owner.gate.open(this, this.head);
    this.#exchange = exchange;
    exchange.begin();
  }

  /** Whoever says that there is no body, and then sends one, is malformed, and not to be forwarded (RFC 9113 §8.1.1). */
  #awaitEnd(): void {
    this.#awaitBody();
    this.#stream.resume().once('end', () => {
      if (this.#isGone || this.#state === State.closed) return;
      this.#isBodyDone = true;
      this.deadlineMs = Infinity;
      this.#open();
    });
  }

  /** Where not even that can be said, the client is gone, and the library may never hear of it. */
  #cancel(): void {
    if (this.#isCancelled) this.#connection.destroy();
    this.#isCancelled = true;
    resetStream(this.#stream, NGHTTP2_CANCEL);
    this.deadlineMs = this.#owner.deadlines.nowMs + this.#owner.config.timeouts.sendMs;
  }

  #readBody(): void {
    const stream = this.#stream;
    if (this.head.isContinueExpected && !this.#isGone) stream.additionalHeaders({ ':status': 100 });
    this.#awaitBody();
    stream.on('data', (bytes: Buffer) => this.#received(bytes)).on('end', () => this.#bodyEnded());
  }

  #received(bytes: Buffer): void {
    this.bodyBytesReceived += bytes.length;
    this.#owner.counters.bytesReceived += bytes.length;
    const bytesMax = this.head.bodyBytesMax;
    if (bytesMax > 0 && this.bodyBytesReceived > bytesMax) this.refuse('body-too-large');
    else if (this.#state === State.collecting && this.#collector !== null) {
      this.#collector.write(bytes, 0, bytes.length);
      if (this.#collector.isOver) this.refuse('body-too-large');
      else this.#awaitBody();
    } else if (this.#state === State.relaying && this.#upstream !== null) {
      this.#isBodyTouched = true;
      // What is longer than its length is malformed, and must not be whole to the upstream (RFC 9113 §8.1.1).
      if (this.bodyBytesReceived === this.head.contentLength) {
        this.#bodyTail = bytes;
        this.#awaitBody();
      } else {
        this.#upstream.send(bytes, 0, bytes.length);
        this.#flushUpload(this.#upstream);
      }
    }
  }

  #flushUpload(upstream: UpstreamConnection): void {
    if (this.#isBodyDone) upstream.end();
    else if (upstream.flush()) this.#awaitBody();
    else {
      this.deadlineMs = Infinity;
      this.#pace.pause();
      this.#stream.pause();
    }
  }

  #bodyEnded(): void {
    // The library ends the body of what is cut short, too.
    if (this.#state === State.closed || this.#isGone) return;
    this.#isBodyDone = true;
    this.deadlineMs = Infinity;
    if (this.#state === State.relaying) this.#endUpload();
    else if (this.#state === State.collecting) {
      this.#state = State.deciding;
      if (this.#collector !== null) this.#exchange?.bodyCollected(this.#collector.take());
    }
  }

  #endUpload(): void {
    if (this.#bodyTail !== null) this.#upstream?.send(this.#bodyTail, 0, this.#bodyTail.length);
    this.#bodyTail = null;
    this.#upstream?.end();
  }

  #awaitBody(): void {
    this.deadlineMs = this.#pace.deadlineMs(this.#owner.deadlines.nowMs, this.bodyBytesReceived);
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
    if (!this.#hasBody) return;
    if (this.#isBodyDone) stream.resume();
    else stream.once('finish', () => stream.close(NGHTTP2_NO_ERROR));
  }

  #end(outcome: Outcome): void {
    const exchange = this.#exchange;
    this.#exchange = null;
    this.#state = State.closed;
    this.deadlineMs = this.#owner.deadlines.nowMs + this.#owner.config.timeouts.sendMs;
    this.#owner.counters.bytesSent += this.#bytesSent;
    exchange?.finished(outcome, this.#status, this.#bytesSent);
  }

  #drained(): void {
    this.#upstream?.resume();
    if (this.#state !== State.relaying) return;
    if (this.#isBodyDone) this.deadlineMs = Infinity;
    else this.#awaitBody();
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
