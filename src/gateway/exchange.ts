import type { AskedRequest } from '../http/asking.ts';
import type { ZoneCopy } from '../keyval/zone-copy.ts';
import type { LiveSession } from '../session/live-session.ts';
import type { CutReason } from '../wire/cut-reason.ts';
import type { Lane, LaneExchange, Outcome } from '../wire/lane.ts';
import type { RequestHead } from '../wire/request-head.ts';
import type { ResponseHead } from '../wire/response-head.ts';
import type { UpstreamConnection } from '../wire/upstream-connection.ts';
import type { UpstreamFailure } from '../wire/upstream-failure.ts';
import type { UpstreamWaiter } from '../wire/upstream-pool.ts';
import { cookieOf } from './authenticate.ts';
import type { LiveBearer } from './bearer.ts';
import type { Pipeline } from './pipeline.ts';
import type { LiveStream } from './live-streams.ts';
import type { RequestOrigin } from './origin-of-request.ts';
import { nextRequestId } from './request-id.ts';
import type { Route } from './route.ts';
import type { ForwardServer } from './upstream-target.ts';

const EMPTY = Buffer.alloc(0);

/**
 * One request and its answer. Every field is there from the start and written by one phase, named beside it; later
 * phases read. The callbacks only hand on to the pipeline, which holds the control flow.
 */
export class Exchange implements LaneExchange, LiveStream, UpstreamWaiter, AskedRequest {
  readonly lane: Lane;
  readonly head: RequestHead;
  readonly requestId: string;
  readonly method: string;
  /** Whose request it is, how it came and by which host: the connection's word, or that of trusted proxies. */
  readonly clientAddress: string;
  readonly isSecure: boolean;
  /** Host with port; empty for HTTP/1.0 without. */
  readonly host: string;
  readonly startedAtMs: number;
  readonly #pipeline: Pipeline;

  /** normalise */
  path = '';
  query = '';
  /** route */
  route: Route | null = null;
  /** authenticate: our cookie's value if exactly one came. */
  cookieToken: string | null = null;
  /** authenticate: what is left of the Cookie fields. */
  cookieRest = '';
  live: LiveSession | null = null;
  /** authenticate: a token that came with the request stands for its bearer, and there is no session. */
  bearer: LiveBearer | null = null;
  /** authenticate: let in although nobody could say whether the session had ended. */
  isStale = false;
  /** authenticate: a fresh cookie goes with the answer. */
  isRenewalDue = false;
  /** token: what the upstream gets, and the key that it is known by. */
  issued: ZoneCopy | null = null;
  tokenKey = '';
  tokenRounds = 0;
  /** token: how it was come by, as the access log says it. */
  cacheStatus: '' | 'HIT' | 'MISS' | 'STALE' = '';
  /** origin check: the upstream is asked for a WebSocket. */
  isUpgrade = false;
  /** rate limit: it has been counted. */
  isMetered = false;
  /** forward: the bits of the servers that it has been to, and the one that it is or was at last. */
  tried = 0;
  server: ForwardServer | null = null;
  isAtServer = false;
  attempts = 0;
  isPoolAsked = false;
  hasPlace = false;
  hasWaited = false;
  connectionUses = 0;
  hadStale = false;
  sentAtMs = 0;
  /** enrich, or the access log: the trace that it belongs to; empty until somebody asks. */
  traceId = '';
  /** respond: of the upstream's answer; 0: there was none. */
  upstreamStatus = 0;
  /** forward: what the browser's cookie says of the server that it belongs to. */
  stickyToken = '';
  /** endpoint */
  body: Buffer = EMPTY;
  isEnded = false;
  /** live streams: its place in the list of those that are under way. */
  ageMaxMs = 0;
  isYoung = false;
  older: LiveStream | null = null;
  newer: LiveStream | null = null;

  constructor(
    pipeline: Pipeline,
    lane: Lane,
    head: RequestHead,
    startedAtMs: number,
    origin: RequestOrigin | null,
  ) {
    this.#pipeline = pipeline;
    this.lane = lane;
    this.head = head;
    this.requestId = nextRequestId();
    this.method = head.method;
    this.host = origin === null ? head.authority : origin.host;
    this.clientAddress = origin === null ? lane.peer.address : origin.address;
    this.isSecure = origin === null ? lane.peer.isSecure : origin.isSecure;
    this.startedAtMs = startedAtMs;
  }

  /** Where clients of this listener log in, on the host that was asked; null where nobody knows. */
  get loginUrl(): string | null {
    return this.#pipeline.loginUrlOf(this);
  }

  get peerAddress(): string {
    return this.lane.peer.address;
  }

  cookie(name: string): string | null {
    return cookieOf(this, name);
  }

  field(name: string): string | undefined {
    return this.head.fields.get(name);
  }

  fieldLines(): readonly (readonly [name: string, value: string])[] {
    return this.head.fields.lines();
  }

  cut(reason: CutReason): void {
    this.lane.cut(reason);
  }

  begin(): void {
    this.#pipeline.run(this);
  }

  respond(head: ResponseHead): void {
    this.#pipeline.respond(this, head);
  }

  inform(head: ResponseHead): void {
    this.#pipeline.inform(this, head);
  }

  bodyCollected(body: Buffer): void {
    this.body = body;
    this.#pipeline.answer(this);
  }

  upstreamReady(connection: UpstreamConnection): void {
    this.#pipeline.upstreamReady(this, connection);
  }

  upstreamPlaceReady(): void {
    this.#pipeline.upstreamPlaceReady(this);
  }

  upstreamFailed(failure: UpstreamFailure): void {
    this.#pipeline.upstreamFailed(this, failure);
  }

  relayFailed(failure: UpstreamFailure, hasAnswerBegun: boolean, isBodyTouched: boolean): void {
    this.#pipeline.relayFailed(this, failure, hasAnswerBegun, isBodyTouched);
  }

  finished(outcome: Outcome, status: number, bodyBytesSent: number): void {
    this.isEnded = true;
    this.#pipeline.finish(this, outcome, status, bodyBytesSent);
  }
}
