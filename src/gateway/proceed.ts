import type { Situation } from '../http/answer-table.ts';
import type { Reply } from '../http/reply.ts';
import type { ResponderParts } from './responder.ts';
import type { Exchange } from './exchange.ts';
import type { RouteTarget } from './route.ts';
import { mayOpenWebSocket } from './websocket-origin.ts';

const NO_STORE = ['Cache-Control', 'no-store'] as const;

const WITHOUT_BOTH = ['cookie', 'authorization'] as const;
const WITHOUT_COOKIE = ['cookie'] as const;
const WITHOUT_AUTHORIZATION = ['authorization'] as const;
const WITHOUT_NONE = [] as const;

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
  const hasCookies = cookieRest !== '';
  if (hasCookies) fields.push(['Cookie', cookieRest]);
  if (live !== null && exchange.isRenewalDue) {
    fields.push(['Set-Cookie', cookie.setting(sessions.issueToken(live), exchange.isSecure)]);
  }
  const { isAuthorizationKept } = target;
  const proceedsWithout = hasCookies
    ? isAuthorizationKept
      ? WITHOUT_NONE
      : WITHOUT_AUTHORIZATION
    : isAuthorizationKept
      ? WITHOUT_COOKIE
      : WITHOUT_BOTH;
  return { status: 200, fields, body: '', proceedsWithout };
}
