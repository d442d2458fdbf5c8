import type { Exchange } from './exchange.ts';
import type { RequestAuth, RequestLane, RouteCounters } from './route-counters.ts';

/** `isAsked`: a proxy asked about it, and forwards by itself. */
export function countExchange(
  exchange: Exchange,
  unrouted: RouteCounters,
  isAsked: boolean,
  status: number,
  durationMs: number,
): void {
  const { lane, method, route } = exchange;
  lane.peer.counters.inFlight--;
  const counters = route === null ? unrouted : route.counters;
  counters.count(laneOf(exchange, isAsked), method, authOf(exchange), status, durationMs);
}

function laneOf({ isUpgrade, lane }: Exchange, isAsked: boolean): RequestLane {
  if (isAsked) return 'sidecar';
  if (isUpgrade) return 'websocket';
  return lane.isHttp2 === true ? 'http/2' : 'http/1.1';
}

function authOf({ bearer, live }: Exchange): RequestAuth {
  if (live !== null) return 'session';
  return bearer === null ? 'none' : 'bearer';
}
