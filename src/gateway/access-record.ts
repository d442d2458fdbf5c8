import type { Clock } from '../lib/clock.ts';
import type { AccessRecord, AccessRequest } from '../observability/access-log.ts';
import { sessionTagOf } from '../observability/session-tag.ts';
import type { Lane, Outcome } from '../wire/lane.ts';
import { REFUSAL_STATUS, type Refusal } from '../wire/refusals.ts';
import type { RequestHead } from '../wire/request-head.ts';
import type { Exchange } from './exchange.ts';
import type { Tracing } from './tracing.ts';

/** What the access log tells of an exchange. */
export function accessRecord(
  exchange: Exchange,
  outcome: Outcome,
  status: number,
  bytesOut: number,
  durationMs: number,
  clock: Clock,
  wantsRequest: boolean,
  tracing: Tracing,
): AccessRecord {
  const { bearer, lane, live, route } = exchange;
  return {
    timeMs: clock.now() - durationMs,
    requestId: exchange.requestId,
    traceId: tracing.idOf(exchange),
    client: exchange.clientAddress,
    listener: lane.peer.listener,
    method: exchange.method,
    path: exchange.path,
    route: route?.config.id ?? null,
    status,
    bytesIn: lane.bodyBytesReceived,
    bytesOut,
    durationMs,
    upstream: exchange.server?.address.name ?? null,
    user: live?.session.principal.subject ?? bearer?.principal.subject ?? null,
    session: live === null ? null : sessionTagOf(live.session),
    outcome,
    request: wantsRequest ? requestOf(lane, exchange.head, exchange, clock) : null,
  };
}

/** The same for a request that never became an exchange; its target is not trusted far enough to be written down. */
export function refusedRecord(
  requestId: string,
  lane: Lane,
  refusal: Refusal,
  head: RequestHead,
  clock: Clock,
  wantsRequest: boolean,
): AccessRecord {
  return {
    timeMs: clock.now(),
    requestId,
    traceId: '',
    client: lane.peer.address,
    listener: lane.peer.listener,
    method: head.method,
    path: '',
    route: null,
    status: REFUSAL_STATUS[refusal],
    bytesIn: 0,
    bytesOut: 0,
    durationMs: 0,
    upstream: null,
    user: null,
    session: null,
    outcome: `refused:${refusal}`,
    request: wantsRequest ? requestOf(lane, head, null, clock) : null,
  };
}

function requestOf(
  { isHttp2 = false }: Lane,
  head: RequestHead,
  exchange: Exchange | null,
  clock: Clock,
): AccessRequest {
  const { fields, host, method, minor, target } = head;
  const version = isHttp2 ? '2.0' : `1.${minor}`;
  const wasSent = exchange !== null && exchange.sentAtMs > 0;
  return {
    line: method === '' ? '' : `${method} ${target} HTTP/${version}`,
    referer: fields.get('referer') ?? '',
    userAgent: fields.get('user-agent') ?? '',
    forwardedFor: fields.get('x-forwarded-for') ?? '',
    host,
    isHttp2,
    upstreamStatus: exchange?.upstreamStatus ?? 0,
    upstreamMs: wasSent ? clock.monotonic() - exchange.sentAtMs : 0,
    cacheStatus: exchange?.cacheStatus ?? '',
  };
}
