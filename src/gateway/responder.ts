import type { SessionCookie } from '../http/set-cookie.ts';
import type { LiveSession } from '../session/live-session.ts';
import type { ResponseHead } from '../wire/response-head.ts';
import type { Exchange } from './exchange.ts';
import {
  cacheControlOf,
  cookieBaseName,
  dropResponseFields,
  mayBeShared,
  type ResponseCounters,
} from './respond.ts';

export interface ResponderParts {
  readonly sessions: { issueToken(live: LiveSession): string };
  readonly cookie: SessionCookie;
  readonly responses: ResponseCounters;
}

/** The phase that edits what an upstream answers: theirs filtered, ours behind it. */
export class Responder {
  readonly #parts: ResponderParts;
  readonly #ownCookies: ReadonlySet<string>;

  constructor(parts: ResponderParts) {
    this.#parts = parts;
    this.#ownCookies = new Set(parts.cookie.names.map((name) => cookieBaseName(name)));
  }

  inform(head: ResponseHead): void {
    dropResponseFields(head, this.#ownCookies, this.#parts.responses);
  }

  respond(exchange: Exchange, head: ResponseHead): void {
    dropResponseFields(head, this.#ownCookies, this.#parts.responses);
    exchange.route?.security?.complete(head.fields, exchange.isSecure);
    const stickyCookie = stickyCookieFor(exchange);
    const { bearer, live } = exchange;
    if (live === null && bearer === null && stickyCookie === null) return;
    const cacheControl = cacheControlOf(head);
    if (cacheControl === '' && head.status !== 101)
      head.fields.append('Cache-Control: private\r\n');
    if (mayBeShared(cacheControl)) return;
    if (stickyCookie !== null) head.fields.append(stickyCookie);
    if (live !== null && exchange.isRenewalDue) {
      const { cookie, sessions } = this.#parts;
      const value = cookie.setting(sessions.issueToken(live), exchange.isSecure);
      head.fields.append(`Set-Cookie: ${value}\r\n`);
    }
  }
}

/** Null where the browser has the right one, and where none is wanted. */
function stickyCookieFor({ isSecure, route, server, stickyToken }: Exchange): string | null {
  if (route?.target.kind !== 'upstream' || server === null) return null;
  const { sticky } = route.target.target.group;
  if (sticky === null) return null;
  const token = sticky.tokenOf(server);
  if (token === '' || token === stickyToken) return null;
  const secure = isSecure ? '; Secure' : '';
  return `Set-Cookie: ${sticky.cookie}=${token}; Path=/; HttpOnly; SameSite=Lax${secure}\r\n`;
}
