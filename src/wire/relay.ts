import type { BodySink } from './body-sink.ts';
import type { LaneExchange, Peer } from './lane.ts';
import type { Persistence } from './reply-text.ts';
import type { RequestReader } from './request-reader.ts';
import type { ResponseHead } from './response-head.ts';
import type { ResponseSink } from './response-sink.ts';
import { framingFor, responseHeadText } from './response-text.ts';
import type { ResponseWriter } from './response-writer.ts';
import type { UpstreamConnection } from './upstream-connection.ts';
import type { UpstreamFailure } from './upstream-failure.ts';

/** The client connection, as far as a relay needs it. */
export interface RelayOwner {
  readonly peer: Peer;
  readonly exchange: LaneExchange | null;
  /** Whether the connection outlives this answer. `isLast`: it cannot, the answer's end is the connection's end. */
  persistence(isLast: boolean): Persistence;
  /** The client takes nothing more at the moment. */
  clientBlocked(): void;
  /** The upstream takes nothing more of the body at the moment, or does again. */
  uploadHeldUp(): void;
  uploadResumed(): void;
  relayEnded(): void;
  /** The answer broke off in the middle. */
  relayCut(failure: UpstreamFailure): void;
  /** Nothing of an answer reached the client. */
  relayFailed(failure: UpstreamFailure, hasAnswerBegun: boolean): void;
}

/** Carries one exchange at a time between a client and an upstream connection, both ways, at the pace of the slower one. */
export class Relay implements ResponseSink, BodySink {
  readonly #owner: RelayOwner;
  readonly #reader: RequestReader;
  readonly #writer: ResponseWriter;
  /** The request's body on its way up. */
  readonly upload: BodySink = { write: (bytes, start, end) => this.#send(bytes, start, end) };
  #upstream: UpstreamConnection | null = null;
  /** Of the present exchange. */
  isHeadSent = false;
  isBodyTouched = false;
  status = 0;

  constructor(owner: RelayOwner, reader: RequestReader, writer: ResponseWriter) {
    this.#owner = owner;
    this.#reader = reader;
    this.#writer = writer;
  }

  /**
   * A client on HTTP/1.1 has one answer at a time. Not under TLS, where a copy waits in the clear and another enciphered, and
   * clients are slow who are far away.
   */
  get takesLongReads(): boolean {
    return !this.#owner.peer.isSecure;
  }

  reset(): void {
    this.isHeadSent = false;
    this.isBodyTouched = false;
    this.status = 0;
  }

  begin(connection: UpstreamConnection, requestText: string): void {
    const { head } = this.#reader;
    this.#upstream = connection;
    connection.begin(this, head.method, requestText, head.isChunked);
  }

  /** What has come of the request goes out: all of it, or as much as the upstream takes. */
  flushUpload(): void {
    if (this.#reader.isBodyDone) this.#upstream?.end();
    else if (!this.#reader.isHeldUp && this.#upstream?.flush() === false) {
      this.#owner.uploadHeldUp();
    }
  }

  /**
   * In the middle of an answer. A client's FIN before that may be half a close; here it is one that leaves: nothing can be
   * asked of it any more, and the upstream of a silent answer would be held for nobody.
   */
  get isAnswering(): boolean {
    return this.isHeadSent && this.#upstream !== null;
  }

  /** The client takes something again. */
  resume(): void {
    this.#upstream?.resume();
  }

  /** The client's side is over; the upstream connection goes with it. */
  abandon(): void {
    this.#upstream?.abandon();
    this.#upstream = null;
  }

  informationReceived(head: ResponseHead): void {
    if (this.#reader.head.minor === 0) return; // RFC 9110 §15.2: never to HTTP/1.0
    this.#owner.exchange?.inform(head);
    this.#writer.text(`HTTP/1.1 ${head.status} ${head.reason}\r\n${head.fields.write()}\r\n`);
  }

  headReceived(head: ResponseHead): void {
    this.#owner.exchange?.respond(head);
    const framing = framingFor(head, this.#reader.head.minor);
    const persistence = this.#owner.persistence(framing === 'close');
    this.status = head.status;
    this.isHeadSent = true;
    this.#writer.head(responseHeadText(head, framing, persistence), framing);
  }

  write(bytes: Buffer, start: number, end: number): void {
    this.#writer.body(bytes, start, end);
    this.#heedBlocked();
  }

  flush(): void {
    this.#writer.flush();
    this.#heedBlocked();
  }

  responseEnded(): void {
    this.#upstream = null;
    this.#writer.end();
    this.#owner.relayEnded();
  }

  responseFailed(failure: UpstreamFailure): void {
    const hasAnswerBegun = this.#upstream?.hasAnswerBegun ?? false;
    this.#upstream = null;
    if (this.isHeadSent) this.#owner.relayCut(failure);
    else this.#owner.relayFailed(failure, hasAnswerBegun);
  }

  requestDrained(): void {
    if (this.#reader.isHeldUp) this.#owner.uploadResumed();
  }

  #send(bytes: Buffer, start: number, end: number): void {
    this.isBodyTouched = true;
    this.#upstream?.send(bytes, start, end);
  }

  #heedBlocked(): void {
    if (!this.#writer.isBlocked || this.#upstream === null) return;
    this.#upstream.pause();
    this.#owner.clientBlocked();
  }
}
