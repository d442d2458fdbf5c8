import type { ServerHttp2Stream } from 'node:http2';
import { BodyCollector } from './body-collector.ts';
import { BodyPace } from './body-pace.ts';
import type { ClientConnectionOwner } from './client-connection-owner.ts';
import type { Refusal } from './refusals.ts';
import type { RequestHead } from './request-head.ts';
import type { UpstreamConnection } from './upstream-connection.ts';

/** The stream, as far as the body of its request needs it. */
export interface Http2RequestBodyOwner {
  deadlineMs: number;
  readonly head: RequestHead;
  /** An answer is on its way, or the client has gone: nobody wants the rest. */
  readonly isOver: boolean;
  /** The client takes nothing of the answer: its limit for that goes on, whatever it sends meanwhile. */
  readonly isClientBlocked: boolean;
  refuse(refusal: Refusal): void;
  /** All of it has come. */
  bodyDone(): void;
  bodyCollected(body: Buffer): void;
}

/** The body of a request on HTTP/2, until it is collected or has gone up: held to its length and to its pace. */
export class Http2RequestBody {
  /** What has come of it, in octets. */
  bytes = 0;
  isDone = false;
  /** Something of it has been taken for an upstream. */
  isTouched = false;
  /** The upstream takes nothing of it at the moment: it is not the client who is waited for. */
  isHeldUp = false;
  readonly #owner: Http2RequestBodyOwner;
  readonly #stream: ServerHttp2Stream;
  readonly #connection: ClientConnectionOwner;
  readonly #pace: BodyPace;
  #collector: BodyCollector | null = null;
  #upstream: UpstreamConnection | null = null;
  /** The end of a body whose length is known: it goes on when the client has said that nothing follows. */
  #tail: Buffer | null = null;

  constructor(
    owner: Http2RequestBodyOwner,
    stream: ServerHttp2Stream,
    connection: ClientConnectionOwner,
  ) {
    this.#owner = owner;
    this.#stream = stream;
    this.#connection = connection;
    const { limits, timeouts } = connection.config;
    this.#pace = new BodyPace(timeouts.bodyIdleMs, limits.bodyBytesPerSecondMin);
    this.#pace.begin();
  }

  /** Whoever says that there is no body, and then sends one, is malformed, and not to be forwarded (RFC 9113 §8.1.1). */
  awaitEmptyEnd(ended: () => void): void {
    this.awaitMore();
    this.#stream.resume().once('end', () => {
      if (this.#owner.isOver) return;
      this.#finish();
      ended();
    });
  }

  collect(bytesMax: number): void {
    this.#collector = new BodyCollector();
    this.#collector.begin(bytesMax);
    this.#read();
  }

  sendTo(upstream: UpstreamConnection): void {
    this.#upstream = upstream;
    this.#read();
    this.#flush(upstream);
  }

  /** What still comes is counted and dropped. Nobody is sent to again: what has a body is not tried twice. */
  letGo(): void {
    this.#collector = null;
    this.#upstream = null;
    this.#tail = null;
  }

  awaitMore(): void {
    const deadlineMs = this.#pace.deadlineMs(this.#connection.deadlines.nowMs, this.bytes);
    if (!this.#owner.isClientBlocked) this.#owner.deadlineMs = deadlineMs;
  }

  /** The upstream takes something again. */
  resume(): void {
    this.isHeldUp = false;
    this.awaitMore();
    this.#stream.resume();
  }

  #read(): void {
    const { head, isOver } = this.#owner;
    if (head.isContinueExpected && !isOver) this.#stream.additionalHeaders({ ':status': 100 });
    this.awaitMore();
    this.#stream
      .on('data', (bytes: Buffer) => this.#received(bytes))
      .on('end', () => this.#ended());
  }

  #received(bytes: Buffer): void {
    this.bytes += bytes.length;
    this.#connection.counters.bytesReceived += bytes.length;
    const { bodyBytesMax, contentLength } = this.#owner.head;
    if (bodyBytesMax > 0 && this.bytes > bodyBytesMax) this.#owner.refuse('body-too-large');
    else if (this.#collector !== null) {
      this.#collector.write(bytes, 0, bytes.length);
      if (this.#collector.isOver) this.#owner.refuse('body-too-large');
      else this.awaitMore();
    } else if (this.#upstream !== null) {
      this.isTouched = true;
      // What is longer than its length is malformed, and must not be whole to the upstream (RFC 9113 §8.1.1).
      if (this.bytes === contentLength) {
        this.#tail = bytes;
        this.awaitMore();
      } else {
        this.#upstream.send(bytes, 0, bytes.length);
        this.#flush(this.#upstream);
      }
    }
  }

  #flush(upstream: UpstreamConnection): void {
    if (upstream.flush()) this.awaitMore();
    else {
      this.isHeldUp = true;
      if (!this.#owner.isClientBlocked) this.#owner.deadlineMs = Infinity;
      this.#pace.pause();
      this.#stream.pause();
    }
  }

  #ended(): void {
    // The library ends the body of what is cut short, too.
    if (this.#owner.isOver) return;
    this.#finish();
    if (this.#collector !== null) this.#owner.bodyCollected(this.#collector.take());
    else if (this.#upstream !== null) {
      const tail = this.#tail;
      this.#tail = null;
      if (tail !== null) this.#upstream.send(tail, 0, tail.length);
      this.#upstream.end();
    }
  }

  #finish(): void {
    this.isDone = true;
    this.#owner.bodyDone();
  }
}
