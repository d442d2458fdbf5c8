import type { Socket } from 'node:net';
import type { ListenerTimeouts } from '../config/listener.ts';
import type { Reply } from '../http/reply.ts';
import { BodyCollector } from './body-collector.ts';
import type { BodySink } from './body-sink.ts';
import type { ClientConnectionOwner } from './client-connection-owner.ts';
import { idleMsOf, isBusy, lingerMsOf, State } from './client-state.ts';
import type { CutReason } from './cut-reason.ts';
import type { Timed } from './deadlines.ts';
import type { Lane, LaneExchange, Outcome, Peer } from './lane.ts';
import { LeaveProbe } from './leave-probe.ts';
import type { Refusal } from './refusals.ts';
import { Relay, type RelayOwner } from './relay.ts';
import { persistenceFor, type Persistence } from './reply-text.ts';
import { RequestReader, type RequestReaderOwner } from './request-reader.ts';
import { ResponseWriter } from './response-writer.ts';
import type { Delivery, SocketTaker } from './socket-taker.ts';
import { Upgrade } from './upgrade.ts';
import type { UpgradeOrder } from './upgrade-order.ts';
import type { UpstreamConnection } from './upstream-connection.ts';
import type { UpstreamFailure } from './upstream-failure.ts';

/** One client on HTTP/1.1: the lane of one request at a time, pipelined ones in order. */
export class ClientConnection implements Lane, RequestReaderOwner, RelayOwner, Timed {
  deadlineMs = Infinity;
  readonly peer: Peer;
  readonly #owner: ClientConnectionOwner;
  readonly #socket: Socket;
  readonly #timeouts: ListenerTimeouts;
  readonly #reader: RequestReader;
  readonly #writer: ResponseWriter;
  readonly #collector = new BodyCollector();
  readonly #relay: Relay;
  taker: SocketTaker = this;
  #state: State = State.idle;
  exchange: LaneExchange | null = null;
  #requests = 0;
  /** The connection ends with the present answer. */
  #isLast = false;
  #isClientDone = false;
  readonly #leaveProbe = new LeaveProbe();

  constructor(accepted: Socket, peer: Peer, owner: ClientConnectionOwner, deliver: Delivery) {
    const { config } = owner;
    const socket = deliver(accepted, this);
    this.#socket = socket;
    this.#owner = owner;
    this.#timeouts = config.timeouts;
    this.#reader = new RequestReader(this, socket, config, owner.names);
    this.#writer = new ResponseWriter(socket);
    this.#relay = new Relay(this, this.#reader, this.#writer);
    this.peer = peer;
    owner.deadlines.add(this);
    this.#wait(config.timeouts.headMs);
  }

  get bodyBytesReceived(): number {
    return this.#reader.bodyBytes;
  }

  /** Draining: an idle client is let go, a busy one after its answer. */
  drain(): void {
    if (this.#state === State.idle && !this.#reader.isInHead) this.#rest();
    else if (this.#state === State.upgrading && !this.#owner.areUpgradesKept) this.cut('drain');
  }

  destroy(): void {
    this.#writer.cut();
  }

  // ── The decision's side ────────────────────────────────────────────────────────────────────────────────────────────

  reply(reply: Reply): void {
    if (this.#state !== State.deciding) return;
    this.#reader.discardBody();
    this.#finish('ok', reply.status, this.#write(reply, this.persistence(false)));
  }

  refuse(refusal: Refusal): void {
    this.#isLast = true;
    this.#relay.abandon();
    const outcome: Outcome = `refused:${refusal}`;
    if (this.#relay.isHeadSent) {
      this.#cut(outcome);
      return;
    }
    const reply = this.#owner.gate.refuse(this, refusal, this.#reader.head, this.exchange);
    this.#end(outcome, reply.status, this.#write(reply, 'closes'));
    this.#linger();
  }

  collect(bytesMax: number): void {
    this.#collector.begin(bytesMax);
    if (this.#reader.isBodyDone) this.exchange?.bodyCollected(this.#collector.take());
    else if (this.#reader.head.contentLength > bytesMax) this.refuse('body-too-large');
    else {
      this.#state = State.collecting;
      this.#readBody(this.#collector);
    }
  }

  relay(connection: UpstreamConnection, requestText: string): void {
    this.#state = State.relaying;
    this.deadlineMs = Infinity;
    this.#relay.begin(connection, requestText);
    if (!this.#reader.isBodyDone) this.#readBody(this.#relay.upload);
    else if (this.#isClientDone) this.#wait(LeaveProbe.firstMs);
    // A body that is here already is read next, and goes with the head.
    if (this.#reader.isBodyDone || !this.#reader.hasWaiting) this.#relay.flushUpload();
  }

  upgrade(order: UpgradeOrder): void {
    this.#state = State.upgrading;
    this.#writer.send();
    new Upgrade(this, this.#socket, this.#owner, order).begin(this.#reader.hasWaiting);
  }

  cut(reason: CutReason): void {
    if (this.taker === this) this.#cut(`cut:${reason}`);
    else this.taker.cut(reason);
  }

  // ── The upgrade's side ─────────────────────────────────────────────────────────────────────────────────────────────

  upgradeEnded(outcome: Outcome, status: number, bytes: number): void {
    this.#end(outcome, status, bytes);
    this.#linger();
  }

  // ── The relay's side ───────────────────────────────────────────────────────────────────────────────────────────────

  persistence(isLast: boolean): Persistence {
    this.#isLast ||= isLast || this.#isAlone || this.#owner.isDraining || !this.#reader.isBodyDone;
    const persistence = persistenceFor(this.#reader.head, this.#isLast);
    this.#isLast = persistence === 'closes';
    return persistence;
  }

  clientBlocked(): void {
    this.#writer.watch();
    this.#wait(this.#timeouts.sendMs);
  }

  /** From here on it is the upstream that is slow, and the upstream connection that has a deadline. */
  uploadHeldUp(): void {
    if (!this.#writer.isBlocked) this.deadlineMs = Infinity;
    this.#reader.holdUp();
  }

  uploadResumed(): void {
    this.#awaitBody();
    this.#reader.resume();
  }

  relayEnded(): void {
    if (!this.#reader.isBodyDone) this.#isLast = true;
    this.#finish('ok', this.#relay.status, this.#writer.bodyBytes);
  }

  relayCut(failure: UpstreamFailure): void {
    this.#cut(`upstream:${failure}`);
  }

  relayFailed(failure: UpstreamFailure, hasAnswerBegun: boolean): void {
    this.#state = State.deciding;
    this.deadlineMs = Infinity;
    this.exchange?.relayFailed(failure, hasAnswerBegun, this.#relay.isBodyTouched);
  }

  // ── The reader's side ──────────────────────────────────────────────────────────────────────────────────────────────

  /** A client that sends requests and reads no answers is not served further until it does. */
  get mayBegin(): boolean {
    if (!this.#writer.isBlocked) return true;
    this.clientBlocked();
    return false;
  }

  headBegun(): void {
    if (this.#isClientDone) this.#hangUp();
    else this.#wait(this.#timeouts.headMs);
  }

  headRead(): void {
    this.#begin();
    this.deadlineMs = Infinity;
    const exchange = this.#owner.gate.open(this, this.#reader.head);
    this.exchange = exchange;
    exchange.begin();
  }

  bodyAdvanced(): void {
    if (this.#state === State.relaying) this.#relay.flushUpload();
    if (this.#state === State.collecting && this.#collector.isOver) this.refuse('body-too-large');
    else if (this.#isClientDone && !this.#reader.hasWaiting) this.refuse('body-incomplete');
    else if (!this.#reader.isHeldUp) this.#awaitBody();
  }

  bodyRead(): void {
    this.deadlineMs = Infinity;
    if (this.#state === State.relaying) {
      if (this.#writer.isBlocked) this.clientBlocked();
      this.#relay.flushUpload();
    } else if (this.#collector.isOver) this.refuse('body-too-large');
    else {
      this.#state = State.deciding;
      this.exchange?.bodyCollected(this.#collector.take());
    }
  }

  unreadable(refusal: Refusal): void {
    if (this.exchange === null) this.#begin();
    this.refuse(refusal);
  }

  // ── Within ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #begin(): void {
    this.#state = State.deciding;
    this.#relay.reset();
    // 0, no limit, is never reached from 1 upwards.
    this.#isLast = ++this.#requests === this.#owner.config.limits.requestsPerConnectionMax;
  }

  received(bytes: Buffer, start: number, end: number): void {
    this.#owner.counters.bytesReceived += end - start;
    this.#reader.received(bytes, start, end); // a stopped reader drops them
  }

  /** The body is wanted now: the client is told so if it asked, and what has come already is used. */
  #readBody(sink: BodySink): void {
    if (this.#reader.head.isContinueExpected && !this.#reader.hasWaiting) {
      this.#writer.interim(100);
    }
    if (this.#isAlone) this.refuse('body-incomplete');
    else {
      this.#awaitBody();
      this.#reader.readBody(sink);
    }
  }

  /** A client that takes nothing of the answer has its limit for that, whatever it sends meanwhile. */
  #awaitBody(): void {
    const deadlineMs = this.#reader.bodyDeadlineMs(this.#owner.deadlines.nowMs);
    if (!this.#writer.isBlocked) this.deadlineMs = deadlineMs;
  }

  /** The client has sent its FIN and no further request before it. */
  get #isAlone(): boolean {
    return this.#isClientDone && !this.#reader.hasWaiting;
  }

  #wait(milliseconds: number): void {
    this.deadlineMs = this.#owner.deadlines.nowMs + milliseconds;
  }

  #write(reply: Reply, persistence: Persistence): number {
    const isHead = this.#reader.head.method === 'HEAD';
    return this.#writer.reply(reply, this.#owner.date.line(), persistence, isHead);
  }

  #finish(outcome: Outcome, status: number, bodyBytes: number): void {
    this.#end(outcome, status, bodyBytes);
    if (this.#isLast || this.#isAlone) this.#linger();
    else this.#next();
  }

  #next(): void {
    this.#state = State.idle;
    this.#wait(this.#timeouts.keepAliveMs);
    if (this.#writer.isBlocked) this.#writer.watch();
    this.#reader.next();
    if (this.#state === State.idle && this.#reader.isAtRest) this.#rest();
  }

  #rest(): void {
    this.#wait(idleMsOf(this.#timeouts, this.#owner));
    if (this.#isClientDone || this.deadlineMs <= this.#owner.deadlines.nowMs) this.#hangUp();
  }

  #end(outcome: Outcome, status: number, bodyBytes: number): void {
    const exchange = this.exchange;
    this.exchange = null;
    this.#owner.counters.bytesSent += bodyBytes;
    exchange?.finished(outcome, status, bodyBytes);
    this.#reader.head.reset(''); // the text of the head is not kept while the connection waits
  }

  /** The client must see that the answer is cut short: no last chunk, no more octets. */
  #cut(outcome: Outcome): void {
    this.#relay.abandon();
    this.#end(outcome, this.#relay.status, this.#writer.bodyBytes);
    this.#writer.cut();
  }

  /**
   * Our FIN goes out behind the answer, and what still comes is read and dropped for a while: a client that is busy
   * sending would lose the answer to a reset (RFC 9112 §9.6).
   */
  #linger(): void {
    if (this.#state === State.lingering || this.#state === State.closed) return;
    this.#state = State.lingering;
    this.#writer.watch();
    this.#wait(lingerMsOf(this.#timeouts, this.#owner.isDraining, this.#writer.isBlocked));
    this.#reader.stop();
    this.#writer.finish();
  }

  /** Nothing was asked, so nothing is lost: no need to wait for the client's FIN. */
  #hangUp(): void {
    this.#linger();
    this.#socket.destroySoon();
  }

  clientEnded(): void {
    this.#isClientDone = true;
    if (this.#state === State.idle) this.#hangUp();
    else if (this.#relay.isAnswering && this.#isAlone) this.#cut('client-abort');
    else if (this.#reader.isBodyDone) {
      if (this.deadlineMs === Infinity) this.#wait(LeaveProbe.firstMs);
    } else if (this.#reader.isInBody && !this.#reader.hasWaiting) this.refuse('body-incomplete');
  }

  expire(): void {
    if (this.#writer.isMoving()) this.#wait(this.#timeouts.sendMs);
    else if (this.#state === State.idle) this.#expireIdle();
    else if (isBusy(this.#state)) this.#expireBusy();
    else this.#socket.destroy();
  }

  #expireIdle(): void {
    if (this.#writer.isBlocked) this.#socket.destroy();
    else if (!this.#reader.isInHead) this.#hangUp();
    else {
      this.#begin();
      this.#reader.head.reset('');
      this.refuse('head-timeout');
    }
  }

  #expireBusy(): void {
    if (this.#writer.isBlocked) this.#cut('client-abort');
    else if (!this.#reader.isBodyDone) this.refuse('body-timeout');
    else if (this.#isClientDone && !this.#relay.isHeadSent) {
      this.#wait(this.#leaveProbe.ask(this.#writer, this.#reader.head.minor));
    } else this.deadlineMs = Infinity;
  }

  drained(): void {
    if (this.#state === State.relaying) {
      this.#relay.resume();
      if (this.#reader.isBodyDone || this.#reader.isHeldUp) this.deadlineMs = Infinity;
      else this.#awaitBody();
    } else if (this.#state === State.idle) {
      this.#wait(this.#timeouts.keepAliveMs);
      this.#reader.resume();
    }
  }

  clientClosed(): void {
    if (this.#state === State.closed) return;
    this.#state = State.closed;
    this.#reader.stop();
    this.#relay.abandon();
    this.#owner.deadlines.remove(this);
    if (this.exchange !== null)
      this.#end('client-abort', this.#relay.status, this.#writer.bodyBytes);
    this.#owner.closed(this);
  }
}
