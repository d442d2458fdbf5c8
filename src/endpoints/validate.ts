import type { Answers } from '../http/answers.ts';
import type { Reply } from '../http/reply.ts';
import type { LiveSession } from '../session/live-session.ts';
import type { Endpoint, EndpointRequest } from './endpoint.ts';
import type { EndpointParts } from './endpoint-parts.ts';
import { situationOfUserInfo, type IdentityField } from './identity-field.ts';

/**
 * Says yes, and who it is, to a proxy that asks for every request of its own. Any method: the proxy hands on the
 * client's. Whether the peer may ask at all was checked before.
 */
export class Validate implements Endpoint {
  readonly bodyBytesMax = 0;
  readonly #answers: Answers;
  readonly #identity: IdentityField;
  readonly #parts: Pick<EndpointParts, 'cookie' | 'sessions'>;
  readonly #yes: Reply;

  constructor(
    parts: Pick<EndpointParts, 'answers' | 'cookie' | 'sessions'>,
    identity: IdentityField,
  ) {
    this.#answers = parts.answers;
    this.#parts = parts;
    this.#identity = identity;
    this.#yes = parts.answers.answer('validated', { isSecure: false, wantsHtml: false });
  }

  /** No promise and no look-up: this runs once for every request of the proxy that asks. */
  answer({ isRenewalDue, isSecure, live }: EndpointRequest): Reply {
    const asking = { isSecure, wantsHtml: false };
    if (live === null) return this.#answers.answer('noCookie', asking);
    const info = this.#identity.encode(live.session.principal, live.session.actor);
    if (info.kind !== 'encoded') return this.#answers.answer(situationOfUserInfo(info), asking);
    const { body, fields, status } = this.#yes;
    const identity = this.#identity.fieldOf(info.value);
    if (!isRenewalDue) return { status, fields: [...fields, identity], body };
    return { status, fields: [...fields, identity, this.#renewal(live, isSecure)], body };
  }

  /** For the client: the proxy that asks puts it into the application's answer. */
  #renewal(live: LiveSession, isSecure: boolean): readonly [name: string, value: string] {
    const { cookie, sessions } = this.#parts;
    return ['Set-Cookie', cookie.setting(sessions.issueToken(live), isSecure)];
  }
}
