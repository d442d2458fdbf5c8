import type { Asking } from '../http/answers.ts';
import type { Reply } from '../http/reply.ts';
import type { Principal } from '../identity/principal.ts';
import { askingOf, isAskedByOwnSite } from './asking.ts';
import type { Endpoint, EndpointRequest } from './endpoint.ts';
import type { EndpointParts } from './endpoint-parts.ts';
import { situationOfUserInfo, type IdentityField } from './identity-field.ts';
import { readJsonFields } from './json-fields.ts';
import { passwordBytesMax } from '../users/password-limit.ts';
import type { UnknownPath } from './unknown-path.ts';

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
    const { answers, config, directories, sessions } = this.#parts;
    const asking = askingOf(request);
    if (!isAskedByOwnSite(request, config.login.allowedOrigins)) {
      return answers.answer('crossSite', asking);
    }
    const read = readCredentials(request.body);
    if (read.kind === 'malformed') return answers.answer('bodyMalformed', asking);
    if (read.kind === 'incomplete') return answers.answer('bodyIncomplete', asking);
    const since = await sessions.revocationNumber();
    if (since.kind === 'unavailable') return this.#refuse('unavailable', request, asking);
    const verdict =
      read.kind === 'token'
        ? await directories.authenticateToken(read.token)
        : await directories.authenticate(read.username, read.password);
    if (verdict.kind !== 'accepted') return this.#refuse(verdict.kind, request, asking);
    return this.#open(verdict.principal, since.number, request, asking);
  }

  async #open(
    principal: Principal,
    since: number,
    request: EndpointRequest,
    asking: Asking,
  ): Promise<Reply> {
    const { answers, cookie, log, logins, sessions } = this.#parts;
    const { directory, subject } = principal;
    const info = this.#identity.encode(principal, null);
    if (info.kind !== 'encoded') {
      // Such a user could log in and then be nobody to every upstream.
      log.error('login.userinfo', { directory, subject, problem: info.kind });
      logins.count(directory, 'unencodable');
      return answers.answer(situationOfUserInfo(info), asking);
    }
    // The old session goes first: an answer of 200 says that it has ended.
    if (!(await this.#endPresented(request.cookieToken))) {
      return this.#refuse('unavailable', request, asking);
    }
    const opening = await sessions.open(principal, null, since);
    if (opening.kind === 'unavailable') return this.#refuse('unavailable', request, asking);
    log.info('login.accepted', {
      requestId: request.requestId,
      client: request.clientAddress,
      directory,
      subject,
    });
    logins.count(directory, 'accepted');
    return answers.tell('loginOk', asking, { username: subject }, [
      ['Set-Cookie', cookie.setting(opening.token, request.isSecure)],
    ]);
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
  #refuse(result: 'rejected' | 'unavailable', request: EndpointRequest, asking: Asking): Reply {
    const { answers, log, logins } = this.#parts;
    log.warn(`login.${result}`, { requestId: request.requestId, client: request.clientAddress });
    logins.count(null, result);
    return answers.answer(result === 'rejected' ? 'loginRejected' : 'unavailable', asking);
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
    if (Buffer.byteLength(password) > passwordBytesMax) return { kind: 'malformed' };
    return { kind: 'password', username, password };
  }
  const vouched = readJsonFields(body, ['token']);
  return vouched.kind === 'read' ? { kind: 'token', token: vouched.fields.token } : vouched;
}
