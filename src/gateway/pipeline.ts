import type { ListenerConfig } from '../config/listener.ts';
import type { Answers } from '../http/answers.ts';
import { situationOfStatus, type Situation } from '../http/answer-table.ts';
import { askingOf, askingOfProxy } from '../http/asking.ts';
import type { Reply } from '../http/reply.ts';
import { withoutEscapes, withoutParameters } from '../http/request-target.ts';
import type { SessionCookie } from '../http/set-cookie.ts';
import type { AddressSet } from '../lib/address-set.ts';
import type { Clock } from '../lib/clock.ts';
import type { AccessLog } from '../observability/access-log.ts';
import type { LiveSession } from '../session/live-session.ts';
import type { Gate, Lane, LaneExchange, Outcome } from '../wire/lane.ts';
import { REFUSAL_STATUS, type Refusal } from '../wire/refusals.ts';
import type { RequestHead } from '../wire/request-head.ts';
import type { ResponseHead } from '../wire/response-head.ts';
import type { UpstreamConnection } from '../wire/upstream-connection.ts';
import type { UpstreamFailure } from '../wire/upstream-failure.ts';
import { accessRecord, refusedRecord } from './access-record.ts';
import {
  Admission,
  type AdmissionOwner,
  type AdmissionParts,
  type AdmittingSessions,
} from './admission.ts';
import type { Endpoint } from './endpoint.ts';
import { Exchange } from './exchange.ts';
import { Forwarder, type ForwarderOwner } from './forwarder.ts';
import type { LiveStreams } from './live-streams.ts';
import { LoginDoor } from './login-door.ts';
import { nextRequestId } from './request-id.ts';
import { normalise } from './normalise.ts';
import { originOfRequest } from './origin-of-request.ts';
import {
  cacheControlOf,
  cookieBaseName,
  dropResponseFields,
  mayBeShared,
  type ResponseCounters,
} from './respond.ts';
import type { Route, RouteTarget } from './route.ts';
import type { RouteTable } from './route-table.ts';
import { mayOpenWebSocket } from './websocket-origin.ts';

/** A session that the gateway can also hand out a fresh token for. */
export interface PipelineSessions extends AdmittingSessions {
  issueToken(live: LiveSession): string;
}

export interface PipelineParts extends AdmissionParts {
  readonly listener: ListenerConfig;
  readonly routes: RouteTable;
  readonly sessions: PipelineSessions;
  readonly answers: Answers;
  readonly cookie: SessionCookie;
  /** Where people log in, for listeners without a login page. */
  readonly loginUrl: string | null;
  readonly trustedPeers: AddressSet;
  readonly trustedProxies: AddressSet;
  readonly accessLog: AccessLog;
  readonly clock: Clock;
  readonly responses: ResponseCounters;
  readonly streams: LiveStreams;
  /** Somebody is told of an exception in an endpoint; the client gets 500. */
  readonly failed: (error: unknown, requestId: string) => void;
}

const NO_CONTENT: Reply = {
  status: 204,
  fields: [['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS']],
  body: '',
};

/**
 * The way of every request on every lane: normalise → route → authenticate → authorise → enrich → forward → respond →
 * access log. The control flow is here (`Admission` and `Forwarder` have a part each); the phases compute. On a cache
 * hit nothing here makes a promise or a closure.
 */
export class Pipeline implements Gate, AdmissionOwner, ForwarderOwner {
  readonly clock: Clock;
  readonly #admission: Admission;
  readonly #forwarder: Forwarder;
  readonly #parts: PipelineParts;
  readonly #ownCookies: ReadonlySet<string>;
  readonly #loginDoor: LoginDoor;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
    this.clock = parts.clock;
    this.#admission = new Admission(parts, this);
    this.#forwarder = new Forwarder(this);
    const { cookie, loginUrl, routes } = parts;
    this.#ownCookies = new Set(cookie.names.map((name) => cookieBaseName(name)));
    this.#loginDoor = new LoginDoor(routes.routes, loginUrl);
  }

  open(lane: Lane, head: RequestHead): Exchange {
    const origin = originOfRequest(lane.peer, head, this.#parts.trustedProxies);
    return new Exchange(this, lane, head, this.#parts.clock.monotonic(), origin);
  }

  refuse(lane: Lane, refusal: Refusal, head: RequestHead, exchange: LaneExchange | null): Reply {
    lane.peer.counters.rejected[refusal]++;
    const { accessLog, answers, clock } = this.#parts;
    if (exchange === null && accessLog.isEnabled) {
      accessLog.write(refusedRecord(nextRequestId(), lane, refusal, head, clock));
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
    const { listener } = this.#parts;
    if (exchange.head.target === '*' && exchange.method === 'OPTIONS') {
      exchange.lane.reply(NO_CONTENT);
      return;
    }
    const refusal = normalise(exchange, listener) ?? this.#route(exchange);
    if (refusal !== null) exchange.lane.refuse(refusal);
    else if (exchange.route === null) this.say(exchange, 'notFound');
    else this.#admission.judge(exchange, exchange.route);
  }

  // ── route ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  #route(exchange: Exchange): Refusal | null {
    const { listener, routes } = this.#parts;
    const { head, lane, method, path } = exchange;
    if (lane.peer.secured?.covers(head.host) === false) return 'host-misdirected';
    if (listener.isStrict && hasAlias(head)) return 'field-alias';
    exchange.route = routes.find(head.host, method, path);
    return this.#ambiguity(exchange);
  }

  /** Servers read `;…` and needless escapes in different ways: no reading may lead to another route. */
  #ambiguity({ head, method, path, route }: Exchange): Refusal | null {
    const { routes } = this.#parts;
    const bare = withoutParameters(path);
    if (bare !== path && routes.find(head.host, method, bare) !== route) return 'path-parameters';
    const plain = withoutEscapes(path);
    if (plain === path) return null;
    if (routes.find(head.host, method, plain) !== route) return 'path-escapes';
    // The same for a server that undoes escapes first.
    if (routes.find(head.host, method, withoutParameters(plain)) !== route) return 'path-escapes';
    return null;
  }

  admitted(exchange: Exchange, route: Route): void {
    const { target } = route;
    switch (target.kind) {
      case 'upstream':
        this.#forward(exchange, target);
        break;
      case 'respond':
        exchange.lane.reply(target.reply);
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
      if (!(reply instanceof Promise)) exchange.lane.reply(reply);
      else {
        reply.then(
          (late) => {
            if (!exchange.isEnded) exchange.lane.reply(late);
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
    return this.#admission.holds(exchange);
  }

  judgeAgain(exchange: Exchange, route: Route): void {
    this.#admission.judge(exchange, route);
  }

  // ── respond, log ───────────────────────────────────────────────────────────────────────────────────────────────────

  respond(exchange: Exchange, head: ResponseHead): void {
    const { cookie, responses, sessions } = this.#parts;
    const { bearer, live, route } = exchange;
    dropResponseFields(head, this.#ownCookies, responses);
    if (route?.target.kind === 'upstream') {
      route.target.target.group.servers[exchange.serverIndex]?.succeeded();
    }
    if (live === null && bearer === null) return;
    const cacheControl = cacheControlOf(head);
    if (cacheControl === '' && head.status !== 101)
      head.fields.append('Cache-Control: private\r\n');
    if (live !== null && exchange.isRenewalDue && !mayBeShared(cacheControl)) {
      const value = cookie.setting(sessions.issueToken(live), exchange.isSecure);
      head.fields.append(`Set-Cookie: ${value}\r\n`);
    }
  }

  inform(_exchange: Exchange, head: ResponseHead): void {
    dropResponseFields(head, this.#ownCookies, this.#parts.responses);
  }

  finish(exchange: Exchange, outcome: Outcome, status: number, bodyBytesSent: number): void {
    const { accessLog, clock } = this.#parts;
    const { route } = exchange;
    this.#forwarder.ended(exchange, outcome);
    this.#parts.streams.leave(exchange, outcome, status);
    const durationMs = clock.monotonic() - exchange.startedAtMs;
    route?.counters.count(status, durationMs);
    if (accessLog.isEnabled) {
      accessLog.write(accessRecord(exchange, outcome, status, bodyBytesSent, durationMs, clock));
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

  say(exchange: Exchange, situation: Situation): void {
    exchange.lane.reply(this.#replyTo(exchange, situation));
  }

  #replyTo(exchange: Exchange, situation: Situation): Reply {
    const { answers } = this.#parts;
    const target = exchange.route?.target;
    const endpoint = target?.kind === 'endpoint' ? target.name : null;
    if (endpoint === 'validate') return answers.answerToProxy(situation, askingOfProxy(exchange));
    // Under `tyke` nobody gets a page: the fields are not worth a look.
    const asking = answers.mode === 'tyke' ? askingOfProxy(exchange) : askingOf(exchange);
    return endpoint === 'logout'
      ? answers.answerAtLogout(situation, asking)
      : answers.answer(situation, asking);
  }
}

function hasAlias(head: RequestHead): boolean {
  for (let index = 0; index < head.fields.count; index++) {
    if (!head.fields.name(index).isPlain) return true;
  }
  return false;
}
