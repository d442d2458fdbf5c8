import { situationOfToken, type Situation } from '../http/answer-table.ts';
import { readCookieField } from '../http/cookie-field.ts';
import { FieldId } from '../http/field-names.ts';
import type { SessionCookie } from '../http/set-cookie.ts';
import type { LiveSession } from '../session/live-session.ts';
import type { Resolution } from '../session/resolution.ts';
import type { Exchange } from './exchange.ts';

/** What authentication asks of the sessions. */
export interface AuthenticatingSessions {
  peek(token: string, nowMs: number): LiveSession | undefined;
  resolve(token: string): Resolution | Promise<Resolution>;
  isTouchDue(live: LiveSession, nowMs: number): boolean;
  touch(live: LiveSession, nowMs: number): void;
}

/** All of our names are taken out of what goes upstream, whichever counts on this connection. */
export function readOwnCookie(exchange: Exchange, cookie: SessionCookie): 'none' | 'one' | 'many' {
  if (!exchange.head.hasCookie) return 'none';
  const name = cookie.nameFor(exchange.isSecure);
  const reading = readCookieField(
    joinedCookies(exchange),
    name,
    cookie.aliasesFor(exchange.isSecure),
  );
  exchange.cookieRest = reading.rest;
  if (reading.count === 1) exchange.cookieToken = reading.value;
  return reading.count === 0 ? 'none' : reading.count === 1 ? 'one' : 'many';
}

/** The value of a cookie by its exact name, if exactly one came. */
export function cookieOf(exchange: Exchange, name: string): string | null {
  if (!exchange.head.hasCookie) return null;
  const { count, value } = readCookieField(joinedCookies(exchange), name, []);
  return count === 1 ? value : null;
}

/** Several Cookie fields are one (RFC 9113 §8.2.3): joined, then read once. */
function joinedCookies(exchange: Exchange): string {
  const { fields } = exchange.head;
  let joined = '';
  for (let index = 0; index < fields.count; index++) {
    if (fields.name(index).id !== FieldId.cookie) continue;
    joined = joined === '' ? fields.value(index) : `${joined}; ${fields.value(index)}`;
  }
  return joined;
}

/** Writes down who it is, and whether the store and the client are due to hear of it again. */
export function admit(
  exchange: Exchange,
  live: LiveSession,
  sessions: AuthenticatingSessions,
  nowMs: number,
): void {
  exchange.live = live;
  if (!sessions.isTouchDue(live, nowMs)) return;
  sessions.touch(live, nowMs);
  exchange.isRenewalDue = true;
}

export function situationOfRefused(resolution: Exclude<Resolution, { kind: 'valid' }>): Situation {
  return resolution.kind === 'unavailable' ? 'unavailable' : situationOfToken[resolution.reason];
}
