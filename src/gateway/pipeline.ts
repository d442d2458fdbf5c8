import type { ListenerConfig } from '../config/listener.ts';
import type { Answers } from '../http/answers.ts';
import { situationOfStatus, type Situation } from '../http/answer-table.ts';
import type { Reply } from '../http/reply.ts';
import type { AddressSet } from '../lib/address-set.ts';
import type { Clock } from '../lib/clock.ts';
import type { AccessLog } from '../observability/access-log.ts';
import type { Gate, Lane, LaneExchange, Outcome } from '../wire/lane.ts';
import { REFUSAL_STATUS, type Refusal } from '../wire/refusals.ts';
import type { RequestHead } from '../wire/request-head.ts';
import type { ResponseHead } from '../wire/response-head.ts';
import type { UpstreamConnection } from '../wire/upstream-connection.ts';
import type { UpstreamFailure } from '../wire/upstream-failure.ts';
import { accessRecord, refusedRecord } from './access-record.ts';
import { Admission, type AdmissionOwner, type AdmissionParts } from './admission.ts';
import { countExchange } from './count-exchange.ts';
import type { Endpoint } from './endpoint.ts';
import { Exchange } from './exchange.ts';
import { findRoute } from './find-route.ts';
import { Forwarder, type ForwarderOwner, type ForwardPhase } from './forwarder.ts';
import type { LiveStreams } from './live-streams.ts';
import { LoginDoor } from './login-door.ts';
import { nextRequestId } from './request-id.ts';
import { normalise } from './normalise.ts';
import { originOfRequest } from './origin-of-request.ts';
import { OwnAnswers } from './own-answers.ts';
import { proceed } from './proceed.ts';
import type { RecentRequests } from './recent-requests.ts';
import { Responder, type ResponderParts } from './responder.ts';
import type { Route, RouteTarget } from './route.ts';
import { waitFor, type RateLimit } from './rate-limit.ts';
import type { RouteCounters } from './route-counters.ts';
import type { RouteTable } from './route-table.ts';
import { TokenPhase, type TokenPhaseOwner } from './token-phase.ts';
import type { Tracing } from './tracing.ts';
import { mayOpenWebSocket } from './websocket-origin.ts';

export interface PipelineParts extends AdmissionParts, ResponderParts {
  readonly listener: ListenerConfig;
  readonly routes: RouteTable;
  /** Of requests that no route matches. */
  readonly unrouted: RouteCounters;
  /** A proxy asks here, and forwards by itself. */
  readonly isAsked?: boolean;
  readonly sessions: AdmissionParts['sessions'] & ResponderParts['sessions'];
  readonly answers: Answers;
  /** Where people log in, for listeners without a login page. */
  readonly loginUrl: string | null;
  readonly trustedPeers: AddressSet;
  readonly trustedProxies: AddressSet;
  readonly accessLog: AccessLog;
  readonly clock: Clock;
  readonly streams: LiveStreams;
  readonly tracing: Tracing;
  /** Somebody is told of an exception in an endpoint; the client gets 500. */
  readonly failed: (error: unknown, requestId: string) => void;
  /** Null: nothing is remembered. */
  readonly recent: RecentRequests | null;
  /** In place of the phase that forwards, for whoever only wants to know what would be. */
  readonly forwarder?: ForwardPhase;
}

const NO_CONTENT: Reply = {
  status: 204,
  fields: [['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS']],
  body: '',
};

/**
 * The way of every request on every lane: normalise → route → authenticate → authorise → token → enrich → forward →
 * respond → access log. The control flow is here (`Admission`, `TokenPhase` and `Forwarder` have a part each); the phases compute. On a cache
 * hit nothing here makes a promise or a closure.
 */
export class Pipeline implements Gate, AdmissionOwner, TokenPhaseOwner, ForwarderOwner {
  readonly clock: Clock;
  readonly #admission: Admission;
  readonly #forwarder: ForwardPhase;
  readonly #parts: PipelineParts;
  readonly #responder: Responder;
  readonly #loginDoor: LoginDoor;
  readonly #own: OwnAnswers;
  readonly #tokens: TokenPhase;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
    this.clock = parts.clock;
    this.#admission = new Admission(parts, this);
    this.#forwarder = parts.forwarder ?? new Forwarder(this);
    this.#responder = new Responder(parts);
    this.#tokens = new TokenPhase(this);
    this.#loginDoor = new LoginDoor(parts.routes.routes, parts.loginUrl);
    this.#own = new OwnAnswers(parts.answers);
  }

  open(lane: Lane, head: RequestHead): Exchange {
    const origin = originOfRequest(lane.peer, head, this.#parts.trustedProxies);
    lane.peer.counters.inFlight++;
    return new Exchange(this, lane, head, this.#parts.clock.monotonic(), origin);
  }

  refuse(lane: Lane, refusal: Refusal, head: RequestHead, exchange: LaneExchange | null): Reply {
    lane.peer.counters.rejected[refusal]++;
    const { accessLog, answers, clock } = this.#parts;
    if (exchange === null && accessLog.isEnabled) {
      accessLog.write(
        refusedRecord(nextRequestId(), lane, refusal, head, clock, accessLog.wantsRequest),
      );
    }
    const asking = { isSecure: lane.peer.isSecure, wantsHtml: false };
    return answers.answer(situationOfStatus(REFUSAL_STATUS[refusal]), asking);
  }

  run(exchange: Exchange): void {
    try {
      this.#decide(exchange);
    } catch (error) {
      this.broke(exchange, error);
    }
  }

  #decide(exchange: Exchange): void {
    const { listener, routes } = this.#parts;
    if (exchange.head.target === '*' && exchange.method === 'OPTIONS') {
      exchange.lane.reply(NO_CONTENT);
      return;
    }
    const refusal = normalise(exchange, listener) ?? findRoute(exchange, routes, listener.isStrict);
    const { lane, route } = exchange;
    if (refusal !== null) lane.refuse(refusal);
    else if (!this.#isBodyWithin(exchange)) lane.refuse('body-too-large');
    else if (route === null) this.say(exchange, 'notFound');
    else if (!this.#isOver(exchange, route.earlyLimits)) this.#admission.judge(exchange, route);
  }

  /** What the route says, or else the listener. A body without a length is counted as it comes. */
  #isBodyWithin({ head, route }: Exchange): boolean {
    const bytesMax = route?.config.bodyBytesMax ?? this.#parts.listener.limits.bodyBytesMax;
    head.bodyBytesMax = bytesMax;
    return bytesMax === 0 || head.contentLength <= bytesMax;
  }

  #isOver(exchange: Exchange, limits: readonly RateLimit[]): boolean {
    if (limits.length === 0) return false;
    const waitMs = waitFor(exchange, limits, this.clock.monotonic());
    if (waitMs === 0) return false;
    this.#own.sayWait(exchange, waitMs);
    return true;
  }

  admitted(exchange: Exchange, route: Route): void {
    const { target } = route;
    if (!exchange.isMetered) {
      exchange.isMetered = true; // whoever is judged again is the same request
      if (this.#isOver(exchange, route.lateLimits)) return;
    }
    switch (target.kind) {
      case 'upstream':
      case 'elsewhere':
        if (route.tokens === null) this.issued(exchange);
        else this.#tokens.issue(exchange, route.tokens);
        break;
      case 'respond':
        this.#own.reply(exchange, target.reply);
        break;
      case 'endpoint':
        if (target.name === 'validate' && !this.#isTrusted(exchange))
          this.say(exchange, 'notAllowed');
        else if (target.endpoint.bodyBytesMax > 0)
          exchange.lane.collect(target.endpoint.bodyBytesMax);
        else this.answer(exchange);
        break;
    }
  }

  /** With all that it has to bring along. */
  issued(exchange: Exchange): void {
    const target = exchange.route?.target;
    if (target?.kind === 'upstream') this.#forward(exchange, target);
    else if (target?.kind === 'elsewhere') {
      const outcome = proceed(exchange, target, this.#parts);
      if (typeof outcome === 'string') this.say(exchange, outcome);
      else exchange.lane.reply(outcome);
    }
  }

  #forward(exchange: Exchange, target: Extract<RouteTarget, { kind: 'upstream' }>): void {
    if (exchange.head.isWebSocket && target.areWebSocketsAllowed) {
      if (!mayOpenWebSocket(exchange, target.webSocketOrigins)) {
        this.say(exchange, 'crossSite');
        return;
      }
      exchange.isUpgrade = true;
    }
    this.#parts.streams.enter(exchange, this.#parts.listener.streams.ageMaxMs);
    this.#forwarder.forward(exchange, target);
  }

  // ── endpoints ──────────────────────────────────────────────────────────────────────────────────────────────────────

  answer(exchange: Exchange): void {
    const target = exchange.route?.target;
    if (target?.kind !== 'endpoint') return;
    // The body may have taken its time, and the session may have ended meanwhile.
    if (this.isStillValid(exchange)) this.#answer(exchange, target.endpoint);
    else this.#admission.review(exchange, () => this.#answer(exchange, target.endpoint));
  }

  #answer(exchange: Exchange, endpoint: Endpoint): void {
    try {
      const reply = endpoint.answer(exchange);
      if (!(reply instanceof Promise)) this.#own.reply(exchange, reply);
      else {
        reply.then(
          (late) => {
            if (!exchange.isEnded) this.#own.reply(exchange, late);
          },
          (error: unknown) => this.broke(exchange, error),
        );
      }
    } catch (error) {
      this.broke(exchange, error);
    }
  }

  // ── forward ────────────────────────────────────────────────────────────────────────────────────────────────────────

  upstreamReady(exchange: Exchange, connection: UpstreamConnection): void {
    this.#forwarder.ready(exchange, connection);
  }

  upstreamPlaceReady(exchange: Exchange): void {
    this.#forwarder.placeReady(exchange);
  }

  upstreamFailed(exchange: Exchange, failure: UpstreamFailure): void {
    this.#forwarder.failed(exchange, failure);
  }

  relayFailed(
    exchange: Exchange,
    failure: UpstreamFailure,
    hasAnswerBegun: boolean,
    isBodyTouched: boolean,
  ): void {
    this.#forwarder.relayFailed(exchange, failure, hasAnswerBegun, isBodyTouched);
  }

  /** The decision belongs to the turn that writes the head: a wait is long enough for a logout. */
  isStillValid(exchange: Exchange): boolean {
    return this.#admission.holds(exchange) && this.#tokens.holds(exchange);
  }

  judgeAgain(exchange: Exchange, route: Route): void {
    this.#admission.judge(exchange, route);
  }

  // ── respond, log ───────────────────────────────────────────────────────────────────────────────────────────────────

  respond(exchange: Exchange, head: ResponseHead): void {
    exchange.upstreamStatus = head.status;
    this.#forwarder.answered(exchange, head.status);
    this.#responder.respond(exchange, head);
  }

  inform(_exchange: Exchange, head: ResponseHead): void {
    this.#responder.inform(head);
  }

  finish(exchange: Exchange, outcome: Outcome, status: number, bodyBytesSent: number): void {
    const { accessLog, clock, isAsked, recent, tracing, unrouted } = this.#parts;
    this.#forwarder.ended(exchange, outcome);
    this.#parts.streams.leave(exchange, outcome, status);
    const durationMs = clock.monotonic() - exchange.startedAtMs;
    countExchange(exchange, unrouted, isAsked === true, status, durationMs);
    if (recent !== null) recent.note(exchange, outcome, status);
    if (accessLog.isEnabled) {
      accessLog.write(
        accessRecord(
          exchange,
          outcome,
          status,
          bodyBytesSent,
          durationMs,
          clock,
          accessLog.wantsRequest,
          tracing,
        ),
      );
    }
  }

  #isTrusted(exchange: Exchange): boolean {
    // Who is connected, whatever a proxy says of others.
    return this.#parts.trustedPeers.has(exchange.lane.peer.address);
  }

  broke(exchange: Exchange, error: unknown): void {
    this.#parts.failed(error, exchange.requestId);
    if (!exchange.isEnded) this.say(exchange, 'internalError');
  }

  loginUrlOf(exchange: Exchange): string | null {
    return this.#loginDoor.urlFor(exchange);
  }

  challenge(exchange: Exchange, challenges: readonly string[]): void {
    this.#own.challenge(exchange, challenges);
  }

  say(exchange: Exchange, situation: Situation): void {
    this.#own.say(exchange, situation);
  }
}
