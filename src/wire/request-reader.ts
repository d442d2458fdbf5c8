import type { Socket } from 'node:net';
import type { ListenerLimits, ListenerTimeouts } from '../config/listener.ts';
import type { FieldNames } from '../http/field-names.ts';
import { BodyPace } from './body-pace.ts';
import { NOWHERE, type BodySink } from './body-sink.ts';
import { cleanHeadEnd } from './clean-head.ts';
import { HEAD_END, refusalOfPartialHead } from './head-search.ts';
import { Inbox } from './inbox.ts';
import type { Refusal } from './refusals.ts';
import { RequestBody } from './request-body.ts';
import { RequestHead } from './request-head.ts';
import { readRequestHead } from './request-parser.ts';

/** Who a reader works for. Each call is made from within `received`, `readBody`, `resume` or `next`. */
export interface RequestReaderOwner {
  /** False holds the next request back: its answer could not be sent at the moment. */
  readonly mayBegin: boolean;
  /** The first octets of a head that is not whole yet. */
  headBegun(): void;
  /** `reader.head` holds a whole request head. */
  headRead(): void;
  /** A piece of the body went to its sink, and more is to come. */
  bodyAdvanced(): void;
  /** The whole body went to its sink. */
  bodyRead(): void;
  /** What came cannot be read; reading is over. */
  unreadable(refusal: Refusal): void;
}

/**
 *   idle ──octets──► head ──empty line──► held ──readBody──► body ──last octet──► held ──next──► idle
 * `held`: the request is somebody else's matter, octets wait; `stopped`: nothing is read any more.
 */
const Phase = { idle: 0, head: 1, held: 2, body: 3, stopped: 4 } as const;
type Phase = (typeof Phase)[keyof typeof Phase];

/** What of a listener's configuration is about reading. */
export interface ReaderSettings {
  readonly limits: ListenerLimits;
  readonly timeouts: Pick<ListenerTimeouts, 'bodyIdleMs'>;
}

/** Reads the requests of one HTTP/1.1 client, one after the other, and never more than somebody has asked for. */
export class RequestReader {
  readonly head = new RequestHead();
  /** Of the present request's body, with its framing. */
  bodyBytes = 0;
  readonly #owner: RequestReaderOwner;
  readonly #limits: ListenerLimits;
  readonly #names: FieldNames;
  readonly #inbox: Inbox;
  readonly #body: RequestBody;
  readonly #pace: BodyPace;
  #phase: Phase = Phase.idle;
  #sink: BodySink = NOWHERE;
  #isHeldUp = false;
  #isEmptyLineSkipped = false;
  #isProcessing = false;

  constructor(
    owner: RequestReaderOwner,
    socket: Socket,
    { limits, timeouts }: ReaderSettings,
    names: FieldNames,
  ) {
    this.#owner = owner;
    this.#limits = limits;
    this.#names = names;
    this.#inbox = new Inbox(socket);
    this.#body = new RequestBody(names);
    this.#pace = new BodyPace(timeouts.bodyIdleMs, limits.bodyBytesPerSecondMin);
  }

  get isBodyDone(): boolean {
    return this.#body.isDone;
  }

  get isInHead(): boolean {
    return this.#phase === Phase.head;
  }

  get isInBody(): boolean {
    return this.#phase === Phase.body;
  }

  /** Between two requests, and nothing of the next one is here. */
  get isAtRest(): boolean {
    return this.#phase === Phase.idle && this.#inbox.isEmpty;
  }

  /** Octets wait that belong to the present request or to the next. */
  get hasWaiting(): boolean {
    return !this.#inbox.isEmpty;
  }

  get isHeldUp(): boolean {
    return this.#isHeldUp;
  }

  /** By when more of the body has to come. */
  bodyDeadlineMs(nowMs: number): number {
    return this.#pace.deadlineMs(nowMs, this.bodyBytes);
  }

  /** `bytes[start, end)` are only lent. */
  received(bytes: Buffer, start: number, end: number): void {
    if (this.#phase === Phase.stopped) return;
    this.#inbox.add(bytes, start, end);
    this.#process();
    this.#inbox.keep();
  }

  /** Begins (or goes on) to read the body into `sink`. */
  readBody(sink: BodySink): void {
    this.#phase = Phase.body;
    this.#sink = sink;
    this.#isHeldUp = false;
    this.#inbox.readLong(this.#body.isLong);
    this.#inbox.resume();
    this.#process();
  }

  /** The sink is full: no more until `resume`. */
  holdUp(): void {
    this.#isHeldUp = true;
    this.#pace.pause();
    this.#inbox.pause();
  }

  resume(): void {
    this.#isHeldUp = false;
    this.#inbox.resume();
    this.#process();
  }

  /** A body that nobody wants, as far as it is here already. */
  discardBody(): void {
    this.#sink = NOWHERE;
    const { bytes, end, isEmpty, start } = this.#inbox;
    if (this.#body.isDone || isEmpty) return;
    const used = this.#body.feed(bytes, start, end, NOWHERE);
    if (typeof used === 'number') this.#inbox.use(used - start);
  }

  /** The present request is over; the next may have come already. */
  next(): void {
    this.#phase = Phase.idle;
    this.#sink = NOWHERE;
    this.#isHeldUp = false;
    this.#isEmptyLineSkipped = false;
    this.#inbox.resume();
    this.#process();
  }

  /** Nothing is read any more; what comes is dropped, and goes on coming. */
  stop(): void {
    this.#phase = Phase.stopped;
    this.#sink = NOWHERE;
    this.#inbox.clear();
    this.#inbox.resume();
  }

  /** Uses what waits until it is used up or somebody has to be waited for. Never re-entered. */
  #process(): void {
    if (this.#isProcessing) return;
    this.#isProcessing = true;
    while (!this.#inbox.isEmpty && this.#step()) {
      // each step uses some of it or says that it cannot
    }
    this.#isProcessing = false;
    // A head is bounded by its own limit.
    if (this.#phase === Phase.held) this.#inbox.heedFull();
  }

  #step(): boolean {
    if (this.#phase === Phase.body)
      return !this.#isHeldUp && !this.#body.isDone && this.#readBody();
    if (this.#phase !== Phase.idle && this.#phase !== Phase.head) return false;
    if (this.#owner.mayBegin) return this.#readHead();
    this.#inbox.pause();
    return false;
  }

  #readHead(): boolean {
    const limits = this.#limits;
    const { bytes, end: held, start } = this.#inbox;
    // RFC 9112 §2.2: one empty line before a request is skipped; some clients send one behind a body.
    const isEmptyLine = held - start > 1 && bytes[start] === 0x0d && bytes[start + 1] === 0x0a;
    if (isEmptyLine && !this.#isEmptyLineSkipped) {
      this.#isEmptyLineSkipped = true;
      this.#phase = Phase.idle;
      this.#inbox.use(2);
      return true;
    }
    const stop = Math.min(held, start + limits.headBytesMax + HEAD_END.length);
    const cleanEnd = cleanHeadEnd(bytes, start, stop);
    const isClean = cleanEnd >= 0;
    const text = bytes.toString('latin1', start, isClean ? cleanEnd : stop);
    const end = isClean ? text.length - HEAD_END.length : text.indexOf(HEAD_END);
    if (end < 0) return this.#awaitHead(text);
    this.#inbox.use(end + HEAD_END.length);
    this.bodyBytes = 0;
    const refusal = readRequestHead(text, end, limits, this.#names, this.head, isClean);
    if (refusal !== null) return this.#refuse(refusal);
    this.#phase = Phase.held;
    this.#body.begin(this.head, limits.bodyBytesMax);
    this.#pace.begin();
    this.#owner.headRead();
    return true;
  }

  #awaitHead(text: string): boolean {
    const refusal = refusalOfPartialHead(text, this.#limits);
    if (refusal !== null) {
      this.head.reset(text);
      return this.#refuse(refusal);
    }
    if (this.#phase === Phase.idle) {
      this.#phase = Phase.head;
      this.#owner.headBegun();
    }
    return false;
  }

  #readBody(): boolean {
    const { bytes, end, start } = this.#inbox;
    const stop = this.#body.feed(bytes, start, end, this.#sink);
    if (typeof stop === 'string') return this.#refuse(stop);
    const used = stop - start;
    this.bodyBytes += used;
    this.#inbox.readLong(this.#body.isLong); // what is ahead of its turn is not read in such pieces
    if (this.#phase !== Phase.body) return false; // the sink has ended the exchange
    this.#inbox.use(used);
    if (!this.#body.isDone) {
      this.#owner.bodyAdvanced();
      return true;
    }
    this.#phase = Phase.held;
    this.#sink = NOWHERE;
    this.#owner.bodyRead();
    return true;
  }

  #refuse(refusal: Refusal): false {
    this.#phase = Phase.stopped;
    this.#inbox.clear();
    this.#owner.unreadable(refusal);
    return false;
  }
}
