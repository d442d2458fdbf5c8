import type { Situation } from '../http/answer-table.ts';
import type { Reply } from '../http/reply.ts';
import type { ResponderParts } from './responder.ts';
import type { Exchange } from './exchange.ts';
import type { RouteTarget } from './route.ts';
import { mayOpenWebSocket } from './websocket-origin.ts';

const NO_STORE = ['Cache-Control', 'no-store'] as const;

/**
 * The answer to somebody who forwards by itself: what it has to put into the request, as the fields of a 200. Or why the
 * request may not pass after all.
 */
export function proceed(
  exchange: Exchange,
  target: Extract<RouteTarget, { kind: 'elsewhere' }>,
  { cookie, sessions }: Pick<ResponderParts, 'cookie' | 'sessions'>,
): Reply | Situation {
  const { bearer, cookieRest, head, live } = exchange;
  if (head.isWebSocket) {
    // Whoever forwards by itself cannot be told to make a plain request of it.
    if (!target.areWebSocketsAllowed) return 'notAllowed';
    if (!mayOpenWebSocket(exchange, target.webSocketOrigins)) return 'crossSite';
  }
  const identity = live?.identityFields ?? bearer?.identityFields;
  const colon = identity?.indexOf(': ') ?? -1;
  // A yes that does not say who it is would let the client's own word stand.
  if (identity !== undefined && colon < 0) return 'userinfoUnencodable';
  const fields: (readonly [string, string])[] = [NO_STORE, ['X-Request-Id', exchange.requestId]];
  if (identity !== undefined)
    fields.push([identity.slice(0, colon), identity.slice(colon + 2, -2)]);
  const { issued, route } = exchange;
  if (issued !== null && route !== null && route.tokens !== null)
    fields.push([route.tokens.cache.config.field, issued.value]);
  if (cookieRest !== '') fields.push(['Cookie', cookieRest]);
  if (live !== null && exchange.isRenewalDue) {
    fields.push(['Set-Cookie', cookie.setting(sessions.issueToken(live), exchange.isSecure)]);
  }
  return { status: 200, fields, body: '', proceedsWithout: target.proceedsWithout };
}
