import { askingOf } from '../http/asking.ts';
import type { Reply } from '../http/reply.ts';
import { isAskedByOwnSite } from './asking.ts';
import type { Checked, CredentialsCheck, Refusal } from './credentials-check.ts';
import type { Endpoint, EndpointRequest } from './endpoint.ts';
import type { EndpointParts } from './endpoint-parts.ts';
import { situationOfUserInfo, type IdentityField } from './identity-field.ts';
import { readJsonFields } from './json-fields.ts';
import { withLoginOrigin } from '../identity/login-origin.ts';
import { markedPrincipal } from '../users/marked-principal.ts';
import { withFields } from './page-reply.ts';
import type { UnknownPath } from './unknown-path.ts';

/** What became of a name and a password, or of a token. */
export type Entrance =
  | { readonly kind: 'opened'; readonly subject: string; readonly cookies: Reply['fields'] }
  | Refusal;

/**
 * Checks a name and a password, or a third party's token, and opens a session. Order: origin, body, credentials, user
 * info, old session, audit log, new session.
 */
export class Login implements Endpoint {
  readonly bodyBytesMax: number;
  readonly #parts: EndpointParts;
  readonly #identity: IdentityField;
  readonly #check: CredentialsCheck;
  readonly #unknownPath: UnknownPath;

  constructor(
    parts: EndpointParts,
    identity: IdentityField,
    check: CredentialsCheck,
    unknownPath: UnknownPath,
  ) {
    this.bodyBytesMax = parts.config.login.bodyBytesMax;
    this.#parts = parts;
    this.#identity = identity;
    this.#check = check;
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
        ? await this.#enter(request, () => this.#check.token(request, read.token))
        : await this.enter(request, read.username, read.password);
    return entrance.kind === 'opened'
      ? answers.tell('loginOk', asking, { username: entrance.subject }, entrance.cookies)
      : withFields(answers.answer(entrance.situation, asking), entrance.fields);
  }

  /** The one way in with a name and a password, for JSON and for the form. */
  async enter(request: EndpointRequest, username: string, password: string): Promise<Entrance> {
    return await this.#enter(request, () => this.#check.password(request, username, password));
  }

  async #enter(request: EndpointRequest, check: () => Promise<Checked>): Promise<Entrance> {
    const { sessions } = this.#parts;
    const since = await sessions.revocationNumber();
    if (since.kind === 'unavailable') return this.#check.unavailable(request);
    const checked = await check();
    if (checked.kind === 'refused') return checked;
    return this.#open(checked, since.number, request);
  }

  async #open(
    { passwordMark, principal }: Exclude<Checked, Refusal>,
    since: number,
    request: EndpointRequest,
  ): Promise<Entrance> {
    const { audit, log, logins, sessions } = this.#parts;
    const { directory, subject } = principal;
    const info = this.#identity.encode(principal, null);
    if (info.kind !== 'encoded') {
      // Such a user could log in and then be nobody to every upstream.
      log.error('login.userinfo', { directory, subject, problem: info.kind });
      logins.count(directory, 'unencodable');
      return { kind: 'refused', situation: situationOfUserInfo(info), fields: [] };
    }
    // The old session goes first: an answer of 200 says that it has ended.
    if (!(await this.#endPresented(request.cookieToken))) {
      return this.#check.unavailable(request);
    }
    const { clientAddress: client, requestId } = request;
    const actor = { directory, subject };
    const record = { actor, target: null, address: client, requestId };
    if (!(await audit.admits({ event: 'login.accepted', ...record }))) {
      return this.#check.unavailable(request);
    }
    const from = { address: client, node: this.#parts.node };
    const marked = markedPrincipal(withLoginOrigin(principal, from), passwordMark);
    const opening = await sessions.open(marked, null, since);
    if (opening.kind === 'unavailable') return this.#check.unavailable(request);
    log.info('login.accepted', { requestId, client, directory, subject });
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
    if (resolution.kind === 'none') {
      return resolution.reason !== 'revoked' || (await sessions.confirmEnd(token)) === 'ended';
    }
    return resolution.kind === 'valid' && (await sessions.end(resolution.live)) === 'ended';
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
