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

type Upstream = Extract<RouteTarget, { kind: 'upstream' }>;

/** What a forwarder asks of the pipeline. */
export interface ForwarderOwner {
  readonly clock: Clock;
  /** Whether the exchange may still be sent: it waited, and its session may have ended meanwhile. */
  isStillValid(exchange: Exchange): boolean;
  judgeAgain(exchange: Exchange, route: Route): void;
  say(exchange: Exchange, situation: Situation): void;
}

/**
 * The phase between the decision and the answer: picks a server, waits for a connection, sends, and tries again where
 * that can do no harm.
 */
export class Forwarder {
  readonly #owner: ForwarderOwner;

  constructor(owner: ForwarderOwner) {
    this.#owner = owner;
  }

  forward(exchange: Exchange, upstream: Upstream): void {
    upstream.target.group.retries.earn();
    if (!this.#toNext(exchange, upstream)) this.#owner.say(exchange, 'badGateway');
  }

  ready(exchange: Exchange, connection: UpstreamConnection): void {
    exchange.isPoolAsked = false;
    const { route } = exchange;
    if (route?.target.kind !== 'upstream') return;
    const { target } = route.target;
    if (this.#isToBeJudgedAgain(exchange)) {
      target.pools[exchange.serverIndex]?.released(connection);
      this.#judgeAgain(exchange, route);
      return;
    }
    exchange.attempts++;
    exchange.connectionUses = connection.uses;
    exchange.lane.relay(connection, outgoingHead(exchange, route, route.target));
  }

  /** No connection. Not a byte was sent, so any method may go to the next server. */
  failed(exchange: Exchange, failure: UpstreamFailure): void {
    exchange.isPoolAsked = false;
    const upstream = upstreamOf(exchange);
    if (exchange.isEnded || upstream === null) return;
    this.#count(exchange, upstream, failure);
    const isServers =
      failure === 'connect-failed' || failure === 'connect-timeout' || failure === 'tls';
    if (isServers && this.#toNext(exchange, upstream)) return;
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
    if (!isStale) this.#count(exchange, upstream, failure);
    if (isUnheard && this.#mayRetry(exchange, upstream)) {
      // The server's other idle connections are likely gone, too: a fresh one.
      if (isStale) {
        this.#acquire(exchange, upstream, exchange.serverIndex, true);
        return;
      }
      if (this.#toNext(exchange, upstream)) return;
    }
    this.#owner.say(exchange, situationOfStatus(UPSTREAM_FAILURE_STATUS[failure]));
  }

  /** The client may have gone while its request waited, or the answer may have been cut short. */
  ended(exchange: Exchange, outcome: Outcome): void {
    const upstream = upstreamOf(exchange);
    if (upstream === null) return;
    if (exchange.isPoolAsked) upstream.target.pools[exchange.serverIndex]?.cancel(exchange);
    // A WebSocket that breaks off says nothing about its server.
    if (exchange.isUpgrade || !outcome.startsWith('upstream:')) return;
    this.#count(exchange, upstream, outcome.slice('upstream:'.length) as UpstreamFailure); // by the type of Outcome
  }

  /** False if the request has been to every server. */
  #toNext(exchange: Exchange, upstream: Upstream): boolean {
    const index = upstream.target.group.pick(this.#owner.clock.monotonic(), exchange.tried);
    if (index < 0) return false;
    exchange.tried |= 1 << (index % 31);
    if (exchange.isUpgrade) this.#upgrade(exchange, upstream, index);
    else this.#acquire(exchange, upstream, index, false);
    return true;
  }

  #upgrade(exchange: Exchange, upstream: Upstream, index: number): void {
    const { carrier, group, pools } = upstream.target;
    const pool = pools[index];
    if (exchange.route === null || pool === undefined) return;
    if (this.#isToBeJudgedAgain(exchange)) {
      this.#judgeAgain(exchange, exchange.route);
      return;
    }
    pool.counters.connects++;
    exchange.serverIndex = index;
    exchange.attempts++;
    exchange.connectionUses = 0;
    exchange.lane.upgrade({
      carrier,
      host: pool.host,
      port: pool.port,
      tls: pool.tls,
      config: group.config,
      requestText: outgoingHead(exchange, exchange.route, upstream),
      key: webSocketKey(exchange.head),
    });
  }

  /** After a wait or a first attempt the session may have ended: it is judged in the turn that writes the head. */
  #isToBeJudgedAgain(exchange: Exchange): boolean {
    if (!exchange.hasWaited && exchange.attempts === 0) return false;
    return !this.#owner.isStillValid(exchange);
  }

  #judgeAgain(exchange: Exchange, route: Route): void {
    exchange.tried = 0;
    exchange.live = null;
    this.#owner.judgeAgain(exchange, route);
  }

  #acquire(exchange: Exchange, upstream: Upstream, index: number, isFresh: boolean): void {
    exchange.serverIndex = index;
    exchange.isPoolAsked = true;
    exchange.hasWaited = false;
    upstream.target.pools[index]?.acquire(exchange, isFresh);
    // Still asked after the call: the connection comes in a later turn.
    exchange.hasWaited = exchange.isPoolAsked;
  }

  /** Once, without a body, and only where a second time does no harm (RFC 9110 §9.2.2), within the group's budget. */
  #mayRetry(exchange: Exchange, upstream: Upstream): boolean {
    if (exchange.attempts > 1 || exchange.head.hasBody || !isRetryable(exchange.method))
      return false;
    return upstream.target.group.retries.take(this.#owner.clock.monotonic());
  }

  #count(exchange: Exchange, { target }: Upstream, failure: UpstreamFailure): void {
    const pool = target.pools[exchange.serverIndex];
    if (pool !== undefined) pool.counters.failures[failure]++;
    if (failure !== 'queue-full' && failure !== 'queue-timeout') {
      target.group.servers[exchange.serverIndex]?.failed(this.#owner.clock.monotonic());
    }
  }
}

function upstreamOf(exchange: Exchange): Upstream | null {
  const target = exchange.route?.target;
  return target?.kind === 'upstream' ? target : null;
}
