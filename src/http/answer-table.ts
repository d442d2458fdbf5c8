import type { StatusPageName } from './answer-pages.ts';

/** What is said, by kind. `{name}` in a text and the keys of a JSON body stand for facts of the request. */
export type AnswerBody =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'error'; readonly code: string }
  | { readonly kind: 'json'; readonly keys: readonly string[] }
  | { readonly kind: 'page'; readonly page: StatusPageName }
  | { readonly kind: 'empty' };

/** One answer in one of the two sets. */
export interface AnswerSpec {
  readonly status: number;
  readonly body: AnswerBody;
  /** Takes the place of the body where somebody looks at it in a browser window. */
  readonly page?: StatusPageName;
  /** The status of that page, where it differs. */
  readonly pageStatus?: number;
}

/** One situation in both sets, with what does not depend on the set. */
export interface AnswerRow {
  readonly tyke: AnswerSpec;
  readonly modern: AnswerSpec;
  /** The client's copy of our cookie is worthless and is removed. Never in an outage: it may be good again. */
  readonly isCookieCleared?: true;
  /** How to do better, on a 401; else what the session cookie is asked for with. */
  readonly challenge?: string;
  /** Somebody has to log in first: where there is a login page, a navigation is sent there. */
  readonly isChallenge?: true;
  /** There was a cookie of ours, and somebody who is sent to log in is told so. */
  readonly hasEnded?: true;
  /** Further fields, in both sets. */
  readonly fields?: readonly (readonly [name: string, value: string])[];
}

const text = (status: number, words: string): AnswerSpec => ({
  status,
  body: { kind: 'text', text: words },
});
const error = (status: number, code: string, page?: StatusPageName): AnswerSpec => ({
  status,
  body: { kind: 'error', code },
  ...(page !== undefined && { page }),
});
const json = (status: number, ...keys: readonly string[]): AnswerSpec => ({
  status,
  body: { kind: 'json', keys },
});
/** The same under both sets: Tyke had no such answer, or what it had was a defect. */
const both = (spec: AnswerSpec): { tyke: AnswerSpec; modern: AnswerSpec } => ({
  tyke: spec,
  modern: spec,
});

const RETRY_SOON = [['Retry-After', '1']] as const;

const unauthenticated = error(401, 'unauthenticated', 'pleaseLogIn');
const sessionEnded = error(401, 'unauthenticated', 'sessionEnded');
const forbidden = error(403, 'forbidden', 'forbidden');
const notFound = error(404, 'not_found', 'notFound');
const notAllowed = error(403, 'not_allowed', 'notAllowed');
const unavailable = error(503, 'unavailable', 'unavailable');
const ENDED = ['username', 'revoked', 'members', 'acked', 'waited_ms', 'replicated'] as const;
const COOKIE_INVALID = 'Cookie invalid';
const INVALID_SESSION = 'Invalid session';
const cookieInvalid: AnswerRow = {
  tyke: text(403, COOKIE_INVALID),
  modern: sessionEnded,
  isCookieCleared: true,
  isChallenge: true,
  hasEnded: true,
};
const invalidSession: AnswerRow = {
  tyke: text(403, INVALID_SESSION),
  modern: sessionEnded,
  isCookieCleared: true,
  isChallenge: true,
  hasEnded: true,
};
const noCookie: AnswerRow = {
  tyke: text(403, "Couldn't find the authcookie"),
  modern: unauthenticated,
  isChallenge: true,
};

/** What a client's own mistake in the protocol gets, or an upstream's: the same under both sets. */
const wire = (
  status: number,
  code: string,
  page: StatusPageName,
  fields?: AnswerRow['fields'],
): AnswerRow => ({
  ...both(error(status, code, page)),
  ...(fields !== undefined && { fields }),
});

/**
 * Every answer of our own: situation → what is said under `answers: tyke` and under `answers: modern`. There is no
 * other place that chooses a status or a body, and no rule about who may do what depends on the choice.
 */
export const answerTable = {
  // Who is asking?
  noCookie,
  duplicateCookie: cookieInvalid,
  malformedToken: cookieInvalid,
  forgedToken: cookieInvalid,
  unknownSession: invalidSession,
  expiredSession: invalidSession,
  revokedSession: invalidSession,
  noBearer: {
    tyke: text(403, 'Invalid token'),
    modern: unauthenticated,
    challenge: 'Bearer realm="portcullis"',
  },
  bearerRefused: {
    tyke: text(403, 'Invalid token'),
    modern: unauthenticated,
    // RFC 6750 §3.1.
    challenge: 'Bearer realm="portcullis", error="invalid_token"',
  },
  forbidden: { tyke: text(403, 'Not allowed'), modern: forbidden },
  unavailable: { ...both(unavailable), fields: RETRY_SOON },

  // Nothing there. On the control listener only staff learn that.
  unknownPathAnonymous: noCookie,
  unknownPathMember: { tyke: text(403, 'Not allowed'), modern: notFound },
  unknownPathStaff: { tyke: text(404, 'Not found'), modern: notFound },
  notFound: { tyke: text(404, 'Not found'), modern: notFound },

  // Logging in. A rejection is the same whatever was wrong.
  loginOk: { tyke: text(200, 'HELLO {username}'), modern: json(200, 'username') },
  loginRejected: {
    tyke: text(403, 'invalid user'),
    modern: error(401, 'invalid_credentials'),
    isCookieCleared: true,
  },
  // Too many failures at this account, or in all; from this address. Whoever answers says until when (Retry-After).
  loginThrottled: both(error(429, 'throttled', 'throttled')),
  banned: both(error(429, 'banned', 'banned')),
  rateLimited: both(error(429, 'rate_limited', 'throttled')),
  /** The form itself, which takes the place of this. */
  formShown: both({ status: 200, body: { kind: 'empty' } }),
  // A form that we did not make for this browser, or made too long ago.
  formExpired: both(error(403, 'form_expired', 'crossSite')),
  cookieMissing: both(error(403, 'cookie_missing', 'cookieMissing')),
  bodyMalformed: {
    tyke: text(400, 'The request body was malformed.'),
    modern: error(400, 'body_malformed', 'badRequest'),
  },
  bodyIncomplete: {
    tyke: text(422, 'The request body was invalid.'),
    modern: error(422, 'field_missing', 'badRequest'),
  },
  userinfoUnencodable: both(error(500, 'userinfo_unencodable', 'internalError')),
  userinfoTooLarge: both(error(500, 'userinfo_too_large', 'internalError')),

  // Logging out.
  logoutOk: {
    tyke: text(200, 'Goodbye.'),
    modern: { ...text(200, 'Goodbye.'), page: 'loggedOut' },
    isCookieCleared: true,
  },
  alreadyLoggedOut: {
    tyke: text(403, INVALID_SESSION),
    modern: {
      ...unauthenticated,
      page: 'loggedOut',
      pageStatus: 200,
    },
    isCookieCleared: true,
  },
  logoutUnchanged: both({ status: 200, body: { kind: 'empty' } }),
  logoutUnconfirmed: both({ status: 200, body: { kind: 'page', page: 'logoutConfirm' } }),
  logoutPrefetched: both(error(403, 'prefetch')),

  // Who am I, and may I?
  sessionShown: {
    tyke: json(200, 'session', 'username', 'role', 'timestamp'),
    modern: json(200, 'session', 'username', 'role', 'groups', 'timestamp', 'expires', 'actor'),
  },
  sessionsListed: both(json(200, 'sessions')),
  sessionsEnded: both(json(200, 'ended')),
  validated: { tyke: text(200, 'you good'), modern: { status: 200, body: { kind: 'empty' } } },

  // Staff.
  crossSite: { tyke: text(403, 'Not allowed'), modern: error(403, 'cross_site', 'crossSite') },
  notAllowed: { tyke: text(403, 'Not allowed'), modern: notAllowed },
  /** Staff who were asked for their own password again; their session stays. */
  reentryRejected: { tyke: text(403, 'invalid user'), modern: error(401, 'invalid_credentials') },
  escalated: { tyke: text(200, 'HELLO {username}'), modern: json(200, 'username', 'actor') },
  returned: { tyke: text(200, 'HELLO {username}'), modern: json(200, 'username', 'isLoggedIn') },
  userLoggedOut: both(text(200, 'Logged out user {username}')),
  userLoggedOutJson: both(json(200, ...ENDED)),
  // Somebody did not acknowledge it and had to be waited for: it holds everywhere all the same.
  userLoggedOutUnheard: both(text(202, 'Logged out user {username}')),
  userLoggedOutUnheardJson: both(json(202, ...ENDED)),

  // Protocol.
  badRequest: wire(400, 'bad_request', 'badRequest'),
  methodNotAllowed: wire(405, 'method_not_allowed', 'badRequest', [
    // RFC 9110 §15.5.6 wants the list.
    ['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'],
  ]),
  requestTimeout: wire(408, 'request_timeout', 'tooSlow'),
  lengthRequired: wire(411, 'length_required', 'badRequest'),
  contentTooLarge: wire(413, 'content_too_large', 'tooLarge'),
  uriTooLong: wire(414, 'uri_too_long', 'tooLarge'),
  expectationFailed: wire(417, 'expectation_failed', 'badRequest'),
  misdirectedRequest: wire(421, 'misdirected_request', 'badRequest'),
  fieldsTooLarge: wire(431, 'fields_too_large', 'tooLarge'),
  internalError: wire(500, 'internal_error', 'internalError'),
  notImplemented: wire(501, 'not_implemented', 'badRequest'),
  badGateway: wire(502, 'bad_gateway', 'unreachable'),
  overloaded: wire(503, 'overloaded', 'overloaded', RETRY_SOON),
  gatewayTimeout: wire(504, 'gateway_timeout', 'tooLate'),
  versionNotSupported: wire(505, 'version_not_supported', 'badRequest'),
} as const satisfies Readonly<Record<string, AnswerRow>>;

/** What happened, as far as our answer depends on it. */
export type Situation = keyof typeof answerTable;

/** The situation for each reason for which a presented token names no session. */
export const situationOfToken = {
  malformed: 'malformedToken',
  forged: 'forgedToken',
  unknown: 'unknownSession',
  expired: 'expiredSession',
  revoked: 'revokedSession',
} as const satisfies Readonly<Record<string, Situation>>;

const situationByStatus: ReadonlyMap<number, Situation> = new Map([
  [400, 'badRequest'],
  [403, 'notAllowed'],
  [404, 'notFound'],
  [405, 'methodNotAllowed'],
  [408, 'requestTimeout'],
  [411, 'lengthRequired'],
  [413, 'contentTooLarge'],
  [414, 'uriTooLong'],
  [417, 'expectationFailed'],
  [421, 'misdirectedRequest'],
  [431, 'fieldsTooLarge'],
  [500, 'internalError'],
  [501, 'notImplemented'],
  [502, 'badGateway'],
  [503, 'overloaded'],
  [504, 'gatewayTimeout'],
  [505, 'versionNotSupported'],
]);

/** The situation of a refusal or a failure that is known by its status alone. */
export function situationOfStatus(status: number): Situation {
  return situationByStatus.get(status) ?? (status < 500 ? 'badRequest' : 'internalError');
}
