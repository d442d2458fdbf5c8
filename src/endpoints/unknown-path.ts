import { askingOf } from '../http/asking.ts';
import type { Answers } from '../http/answers.ts';
import { situationOfToken } from '../http/answer-table.ts';
import type { Reply } from '../http/reply.ts';
import type { LiveSession } from '../session/live-session.ts';
import type { Endpoint, EndpointRequest } from './endpoint.ts';
import type { EndpointParts } from './endpoint-parts.ts';
import type { IdentityField } from './identity-field.ts';
import type { StaffRule } from './staff-rule.ts';

/** What is said where there is nothing, or nothing for this method: only staff learn that nothing is there. */
export class UnknownPath implements Endpoint {
  readonly bodyBytesMax = 0;
  readonly #answers: Answers;
  readonly #sessions: Pick<EndpointParts['sessions'], 'resolve'>;
  readonly #identity: IdentityField;
  readonly #staff: StaffRule;

  constructor(
    parts: Pick<EndpointParts, 'answers' | 'sessions'>,
    identity: IdentityField,
    staff: StaffRule,
  ) {
    this.#answers = parts.answers;
    this.#sessions = parts.sessions;
    this.#identity = identity;
    this.#staff = staff;
  }

  /** Looks at the cookie itself where the route has not. */
  async answer(request: EndpointRequest): Promise<Reply> {
    if (request.live !== null) return this.#answerTo(request.live, request);
    const asking = askingOf(request);
    if (request.cookieToken === null) return this.#answers.answer('unknownPathAnonymous', asking);
    const resolution = await this.#sessions.resolve(request.cookieToken);
    switch (resolution.kind) {
      case 'valid':
        return this.#answerTo(resolution.live, request);
      case 'none':
        return this.#answers.answer(situationOfToken[resolution.reason], asking);
      case 'unavailable':
        return this.#answers.answer('unavailable', asking);
    }
  }

  #answerTo(live: LiveSession, request: EndpointRequest): Reply {
    const isStaff = this.#staff.mayAct(live.session);
    return this.#answers.tell(
      isStaff ? 'unknownPathStaff' : 'unknownPathMember',
      askingOf(request),
      {},
      this.#identity.forClient(live),
    );
  }
}
