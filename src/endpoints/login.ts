import type { Situation } from '../http/answer-table.ts';
import { askingOf } from '../http/asking.ts';
import type { Reply } from '../http/reply.ts';
import type { Principal } from '../identity/principal.ts';
import { isAskedByOwnSite } from './asking.ts';
import type { Endpoint, EndpointRequest } from './endpoint.ts';
import type { EndpointParts } from './endpoint-parts.ts';
import { situationOfUserInfo, type IdentityField } from './identity-field.ts';
import { readJsonFields } from './json-fields.ts';
import { passwordBytesMax } from '../users/password-limit.ts';
import type { Verdict } from '../users/verdict.ts';
import type { UnknownPath } from './unknown-path.ts';

/** What became of a name and a password, or of a token. */
export type Entrance =
  | { readonly kind: 'opened'; readonly subject: string; readonly cookies: Reply['fields'] }
  | { readonly kind: 'refused'; readonly situation: Situation };

/**
 * Checks a name and a password, or a third party's token, and opens a session. Order: origin, body, credentials, user
 * info, old session, new one.
 */
export class Login implements Endpoint {
  readonly bodyBytesMax: number;
  readonly #parts: EndpointParts;
  readonly #identity: IdentityField;
  readonly #unknownPath: UnknownPath;

  constructor(parts: EndpointParts, identity: IdentityField, unknownPath: UnknownPath) {
    this.bodyBytesMax = parts.config.login.bodyBytesMax;
    this.#parts = parts;
    this.#identity = identity;
    this.#unknownPath = unknownPath;
  }

  async answer(request: EndpointRequest): Promise<Reply> {
    if (request.method !== 'POST') return this.#unknownPath.answer(request);
    const { answers, config } = this.#parts;
    const asking = askingOf(request);
    if (!isAskedByOwnSite(request, config.login.allowedOrigins)) {
      return answers.answer('crossSite', asking);
    }
    const read = readCredentials(request.body);
    if (read.kind === 'malformed') return answers.answer('bodyMalformed', asking);
    if (read.kind === 'incomplete') return answers.answer('bodyIncomplete', asking);
    const entrance =
      read.kind === 'token'
        ? await this.#enter(request, () => this.#parts.directories.authenticateToken(read.token))
        : await this.enter(request, read.username, read.password);
    return entrance.kind === 'opened'
      ? answers.tell('loginOk', asking, { username: entrance.subject }, entrance.cookies)
      : answers.answer(entrance.situation, asking);
  }

  /** The one way in with a name and a password, for JSON and for the form. */
  async enter(request: EndpointRequest, username: string, password: string): Promise<Entrance> {
    if (Buffer.byteLength(password) > passwordBytesMax) {
      return { kind: 'refused', situation: 'bodyMalformed' };
    }
    return await this.#enter(request, () =>
      this.#parts.directories.authenticate(username, password),
    );
  }

  async #enter(request: EndpointRequest, ask: () => Promise<Verdict>): Promise<Entrance> {
    const { sessions } = this.#parts;
    const since = await sessions.revocationNumber();
    if (since.kind === 'unavailable') return this.#refuse('unavailable', request);
    const verdict = await ask();
    if (verdict.kind !== 'accepted') return this.#refuse(verdict.kind, request);
    return this.#open(verdict.principal, since.number, request);
  }

  async #open(principal: Principal, since: number, request: EndpointRequest): Promise<Entrance> {
    const { log, logins, sessions } = this.#parts;
    const { directory, subject } = principal;
    const info = this.#identity.encode(principal, null);
    if (info.kind !== 'encoded') {
      // Such a user could log in and then be nobody to every upstream.
      log.error('login.userinfo', { directory, subject, problem: info.kind });
      logins.count(directory, 'unencodable');
      return { kind: 'refused', situation: situationOfUserInfo(info) };
    }
    // The old session goes first: an answer of 200 says that it has ended.
    if (!(await this.#endPresented(request.cookieToken))) {
      return this.#refuse('unavailable', request);
    }
    const opening = await sessions.open(principal, null, since);
    if (opening.kind === 'unavailable') return this.#refuse('unavailable', request);
    log.info('login.accepted', {
      requestId: request.requestId,
      client: request.clientAddress,
      directory,
      subject,
    });
    logins.count(directory, 'accepted');
    return { kind: 'opened', subject, cookies: this.#cookiesFor(opening.token, request) };
  }

  /** Whoever acted for somebody in this browser does so no more. */
  #cookiesFor(token: string, request: EndpointRequest): Reply['fields'] {
    const { cookie } = this.#parts;
    const { isSecure } = request;
    const setting = ['Set-Cookie', cookie.setting(token, isSecure)] as const;
    return request.cookie(cookie.actor.nameFor(isSecure)) === null
      ? [setting]
      : [setting, ['Set-Cookie', cookie.actor.clearing(isSecure)]];
  }

  /** False in an outage: whether there is an old session cannot be told, and it may not live on. */
  async #endPresented(token: string | null): Promise<boolean> {
    if (token === null) return true;
    const { sessions } = this.#parts;
    const resolution = await sessions.resolve(token);
    if (resolution.kind === 'none') return true;
    return resolution.kind === 'valid' && (await sessions.end(resolution.live)) === 'ended';
  }

  /** The name as it was typed is not logged: people type passwords there. */
  #refuse(result: 'rejected' | 'unavailable', request: EndpointRequest): Entrance {
    const { log, logins } = this.#parts;
    log.warn(`login.${result}`, { requestId: request.requestId, client: request.clientAddress });
    logins.count(null, result);
    return {
      kind: 'refused',
      situation: result === 'rejected' ? 'loginRejected' : 'unavailable',
    };
  }
}

type Credentials =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'incomplete' };

/** A name and a password, or else the token of a third party that has checked them. */
function readCredentials(body: Buffer): Credentials {
  const named = readJsonFields(body, ['username', 'password']);
  if (named.kind === 'read') {
    const { username, password } = named.fields;
    return { kind: 'password', username, password };
  }
  const vouched = readJsonFields(body, ['token']);
  return vouched.kind === 'read' ? { kind: 'token', token: vouched.fields.token } : vouched;
}
