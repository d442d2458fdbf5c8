import type { Situation } from '../http/answer-table.ts';
import { situationOfStatus } from '../http/answer-table.ts';
import { isRetryable } from '../http/methods.ts';
import type { Clock } from '../lib/clock.ts';
import type { Outcome } from '../wire/lane.ts';
import type { UpstreamConnection } from '../wire/upstream-connection.ts';
import { UPSTREAM_FAILURE_STATUS, type UpstreamFailure } from '../wire/upstream-failure.ts';
import { webSocketKey } from '../wire/websocket-handshake.ts';
import { outgoingHead } from './enrich.ts';
import type { Exchange } from './exchange.ts';
import type { Route, RouteTarget } from './route.ts';
import type { ForwardServer } from './upstream-target.ts';

type Upstream = Extract<RouteTarget, { kind: 'upstream' }>;

/** What a forwarder asks of the pipeline. */
export interface ForwarderOwner {
  readonly clock: Clock;
  /** Whether the exchange may still be sent: it waited, and its session may have ended meanwhile. */
  isStillValid(exchange: Exchange): boolean;
  judgeAgain(exchange: Exchange, route: Route): void;
  say(exchange: Exchange, situation: Situation): void;
}

/** What the pipeline asks of whoever forwards. */
export interface ForwardPhase {
  forward(exchange: Exchange, upstream: Upstream): void;
  ready(exchange: Exchange, connection: UpstreamConnection): void;
  placeReady(exchange: Exchange): void;
  failed(exchange: Exchange, failure: UpstreamFailure): void;
  relayFailed(
    exchange: Exchange,
    failure: UpstreamFailure,
    hasAnswerBegun: boolean,
    isBodyTouched: boolean,
  ): void;
  answered(exchange: Exchange, status: number): void;
  ended(exchange: Exchange, outcome: Outcome): void;
}

/**
 * The phase between the decision and the answer: picks a server, waits for a connection, sends, and tries again where
 * that can do no harm.
 */
export class Forwarder implements ForwardPhase {
  readonly #owner: ForwarderOwner;

  constructor(owner: ForwarderOwner) {
    this.#owner = owner;
  }

  forward(exchange: Exchange, upstream: Upstream): void {
    const { group } = upstream.target;
    group.retries.earn();
    if (this.#toNext(exchange, upstream)) return;
    group.unserved++;
    this.#owner.say(exchange, 'overloaded');
  }

  ready(exchange: Exchange, connection: UpstreamConnection): void {
    exchange.isPoolAsked = false;
    const { route } = exchange;
    if (route?.target.kind !== 'upstream') return;
    if (this.#isToBeJudgedAgain(exchange)) {
      exchange.server?.pool.released(connection);
      this.#judgeAgain(exchange, route);
      return;
    }
    this.#send(exchange);
    exchange.connectionUses = connection.uses;
    exchange.lane.relay(connection, outgoingHead(exchange, route, route.target));
  }

  /** A WebSocket may have a connection of its own. */
  placeReady(exchange: Exchange): void {
    exchange.isPoolAsked = false;
    exchange.hasPlace = true;
    const { route, server } = exchange;
    if (route?.target.kind !== 'upstream' || server === null) return;
    if (this.#isToBeJudgedAgain(exchange)) {
      this.#judgeAgain(exchange, route);
      return;
    }
    const { carrier, group } = route.target.target;
    server.pool.counters.connects++;
    this.#send(exchange);
    exchange.connectionUses = 0;
    exchange.lane.upgrade({
      carrier,
      address: server.pool.address,
      config: group.config,
      requestText: outgoingHead(exchange, route, route.target),
      key: webSocketKey(exchange.head),
    });
  }

  /** No connection. Not a byte was sent, so any method may go to the next server. */
  failed(exchange: Exchange, failure: UpstreamFailure): void {
    exchange.isPoolAsked = false;
    const upstream = upstreamOf(exchange);
    if (exchange.isEnded || upstream === null) return;
    this.#count(exchange, failure);
    if (failure !== 'queue-timeout' && this.#toNext(exchange, upstream)) return;
    this.#owner.say(exchange, situationOfStatus(UPSTREAM_FAILURE_STATUS[failure]));
  }

  relayFailed(
    exchange: Exchange,
    failure: UpstreamFailure,
    hasAnswerBegun: boolean,
    isBodyTouched: boolean,
  ): void {
    const upstream = upstreamOf(exchange);
    if (exchange.isEnded || upstream === null) return;
    // An upgrade makes its own connection; before there is one, nothing was sent.
    const isUnconnected =
      failure === 'connect-failed' || failure === 'connect-timeout' || failure === 'tls';
    if (exchange.isUpgrade && isUnconnected) {
      this.failed(exchange, failure);
      return;
    }
    const isUnheard = !hasAnswerBegun && !isBodyTouched;
    // A kept connection that its server closed in the same moment says nothing about the server.
    const isStale =
      isUnheard && exchange.connectionUses > 0 && (failure === 'closed' || failure === 'reset');
    if (!isStale) this.#count(exchange, failure);
    if (isUnheard && this.#mayRetry(exchange, upstream)) {
      upstream.target.group.retried++;
      // The server's other idle connections are likely gone, too: a fresh one.
      if (isStale && exchange.server !== null) {
        exchange.hadStale = true;
        this.#turnTo(exchange, exchange.server, this.#owner.clock.monotonic(), true);
        return;
      }
      if (this.#toNext(exchange, upstream)) return;
    }
    this.#owner.say(exchange, situationOfStatus(UPSTREAM_FAILURE_STATUS[failure]));
  }

  /** The head of an answer has come. */
  answered(exchange: Exchange, status: number): void {
    const nowMs = this.#owner.clock.monotonic();
    exchange.server?.answered(status, nowMs - exchange.sentAtMs, nowMs);
  }

  /** The client may have gone while its request waited, or the answer may have been cut short. */
  ended(exchange: Exchange, outcome: Outcome): void {
    if (exchange.server === null) return;
    if (exchange.isPoolAsked) exchange.server.pool.cancel(exchange);
    // A WebSocket that breaks off says nothing about its server.
    if (!exchange.isUpgrade && outcome.startsWith('upstream:')) {
      this.#count(exchange, outcome.slice('upstream:'.length) as UpstreamFailure); // by the type of Outcome
    }
    this.#leave(exchange);
  }

  /** False if there is no server that the request has not been to and that may be asked. */
  #toNext(exchange: Exchange, upstream: Upstream): boolean {
    const nowMs = this.#owner.clock.monotonic();
    const server = upstream.target.choice.next(exchange, nowMs);
    if (server === null) return false;
    exchange.tried |= server.bit;
    this.#turnTo(exchange, server, nowMs, false);
    return true;
  }

  #turnTo(exchange: Exchange, server: ForwardServer, nowMs: number, isFresh: boolean): void {
    this.#leave(exchange);
    server.began(nowMs);
    exchange.server = server;
    exchange.isAtServer = true;
    exchange.isPoolAsked = true;
    exchange.hasWaited = false;
    exchange.sentAtMs = nowMs;
    if (exchange.isUpgrade) server.pool.acquirePlace(exchange);
    else server.pool.acquire(exchange, isFresh);
    // Still asked after the call: the connection comes in a later turn. (Not so where the call has led to another one.)
    exchange.hasWaited = exchange.isPoolAsked;
  }

  #leave(exchange: Exchange): void {
    const { server } = exchange;
    if (server === null || !exchange.isAtServer) return;
    exchange.isAtServer = false;
    server.ended();
    if (!exchange.hasPlace) return;
    exchange.hasPlace = false;
    server.pool.giveBack();
  }

  #send(exchange: Exchange): void {
    exchange.attempts++;
    if (exchange.hasWaited) exchange.sentAtMs = this.#owner.clock.monotonic();
  }

  /** After a wait or a first attempt the session may have ended: it is judged in the turn that writes the head. */
  #isToBeJudgedAgain(exchange: Exchange): boolean {
    if (!exchange.hasWaited && exchange.attempts === 0) return false;
    return !this.#owner.isStillValid(exchange);
  }

  #judgeAgain(exchange: Exchange, route: Route): void {
    this.#leave(exchange);
    exchange.tried = 0;
    exchange.live = null;
    exchange.issued = null;
    this.#owner.judgeAgain(exchange, route);
  }

  /**
   * Once, without a body, and only where a second time does no harm (RFC 9110 §9.2.2), within the group's budget. Once
   * more where the first connection had grown old: a server that dies ends those first, then those it has not taken yet.
   */
  #mayRetry(exchange: Exchange, upstream: Upstream): boolean {
    const attemptsMax = exchange.hadStale ? 2 : 1;
    if (exchange.attempts > attemptsMax || exchange.head.hasBody || !isRetryable(exchange.method))
      return false;
    return upstream.target.group.retries.take(this.#owner.clock.monotonic());
  }

  #count({ server }: Exchange, failure: UpstreamFailure): void {
    if (server === null) return;
    server.pool.counters.failures[failure]++;
    if (failure !== 'queue-full' && failure !== 'queue-timeout') {
      server.failed(failure, this.#owner.clock.monotonic());
    }
  }
}

function upstreamOf(exchange: Exchange): Upstream | null {
  const target = exchange.route?.target;
  return target?.kind === 'upstream' ? target : null;
}
