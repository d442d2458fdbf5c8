import { askingOf } from '../http/asking.ts';
import type { Answers } from '../http/answers.ts';
import type { Reply } from '../http/reply.ts';
import type { LiveSession } from '../session/live-session.ts';
import type { Endpoint, EndpointRequest } from './endpoint.ts';
import type { EndpointParts } from './endpoint-parts.ts';
import type { IdentityField } from './identity-field.ts';
import type { UnknownPath } from './unknown-path.ts';

/** Tells a client about its own session. The handle is good for listing and ending, and worthless as a credential. */
export class SessionEndpoint implements Endpoint {
  readonly bodyBytesMax = 0;
  readonly #answers: Answers;
  readonly #idleTimeoutMs: number;
  readonly #identity: IdentityField;
  readonly #unknownPath: UnknownPath;

  constructor(parts: EndpointParts, identity: IdentityField, unknownPath: UnknownPath) {
    this.#answers = parts.answers;
    this.#idleTimeoutMs = parts.config.sessions.idleTimeoutMs;
    this.#identity = identity;
    this.#unknownPath = unknownPath;
  }

  answer(request: EndpointRequest): Reply | Promise<Reply> {
    const { live, method } = request;
    if (live === null || (method !== 'GET' && method !== 'HEAD')) {
      return this.#unknownPath.answer(request);
    }
    return this.#answers.tell(
      'sessionShown',
      askingOf(request),
      this.#factsOf(live),
      this.#identity.forClient(live),
    );
  }

  #factsOf({ session }: LiveSession): Record<string, string | readonly string[] | undefined> {
    const { principal, actor } = session;
    const expiresAtMs = Math.min(
      session.lastSeenAtMs + this.#idleTimeoutMs,
      session.absoluteDeadlineMs,
    );
    return {
      session: session.handle,
      username: principal.subject,
      role: principal.role,
      groups: principal.groups,
      timestamp: new Date(session.createdAtMs).toISOString(),
      expires: new Date(expiresAtMs).toISOString(),
      actor: actor?.subject,
    };
  }
}
