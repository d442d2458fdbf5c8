import type { Situation } from '../http/answer-table.ts';
import type { Reply } from '../http/reply.ts';
import type { AuditEvent, AuditSubject } from '../observability/audit-log.ts';
import { passwordBytesMax } from '../users/password-limit.ts';
import type { LoginAttempt } from '../users/login-throttle.ts';
import type { Verdict } from '../users/verdict.ts';
import type { EndpointRequest } from './endpoint.ts';
import type { EndpointParts } from './endpoint-parts.ts';

/** An answer that is no yes. */
export interface Refusal {
  readonly kind: 'refused';
  readonly situation: Situation;
  /** Beside those of the situation. */
  readonly fields: Reply['fields'];
}

export type Checked = Extract<Verdict, { kind: 'accepted' }> | Refusal;

type Parts = Pick<EndpointParts, 'audit' | 'directories' | 'log' | 'logins' | 'throttle'>;

/**
 * The one place where somebody proves who he is: for the login as JSON, for its form, for tokens of third parties, and
 * for staff who are asked again. What fails is counted, logged and slowed down here.
 */
export class CredentialsCheck {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async password(request: EndpointRequest, username: string, password: string): Promise<Checked> {
    if (Buffer.byteLength(password) > passwordBytesMax) {
      return { kind: 'refused', situation: 'bodyMalformed', fields: [] };
    }
    return await this.#check(request, username, () =>
      this.#parts.directories.authenticate(username, password),
    );
  }

  async token(request: EndpointRequest, token: string): Promise<Checked> {
    return await this.#check(request, null, () => this.#parts.directories.authenticateToken(token));
  }

  /** Something that we need is out: the client may come again. */
  unavailable(request: EndpointRequest): Refusal {
    return this.#refuse('unavailable', request, { target: null });
  }

  async #check(
    request: EndpointRequest,
    username: string | null,
    ask: () => Promise<Verdict>,
  ): Promise<Checked> {
    const admission = await this.#parts.throttle.begin(username, request.clientAddress);
    switch (admission.kind) {
      case 'unavailable':
        return this.unavailable(request);
      case 'throttled': {
        const { by, waitMs } = admission;
        const seconds = String(Math.max(1, Math.ceil(waitMs / 1000)));
        const refusal = this.#refuse('throttled', request, { target: null, reason: by, username });
        return {
          ...refusal,
          situation: by === 'address' ? 'banned' : 'loginThrottled',
          fields: [['Retry-After', seconds]],
        };
      }
      case 'admitted':
        return await this.#judge(request, username, admission.attempt, ask);
    }
  }

  async #judge(
    request: EndpointRequest,
    username: string | null,
    attempt: LoginAttempt,
    ask: () => Promise<Verdict>,
  ): Promise<Checked> {
    let verdict: Verdict | null = null;
    try {
      verdict = await ask();
    } finally {
      // A defect of ours counts against nobody either.
      if (verdict === null || verdict.kind === 'unavailable') await attempt.undecided();
      else if (verdict.kind === 'accepted') await attempt.accepted(verdict.principal.subject);
      else await attempt.rejected(verdict.whose?.subject ?? null);
    }
    switch (verdict.kind) {
      case 'accepted':
        return verdict;
      case 'unavailable':
        return this.unavailable(request);
      case 'rejected': {
        const { whose } = verdict;
        const about = whose === undefined ? { target: null, username } : { target: whose };
        return this.#refuse('rejected', request, about);
      }
    }
  }

  /** The name as it was typed is not logged: people type passwords there. */
  #refuse(
    result: 'rejected' | 'unavailable' | 'throttled',
    request: EndpointRequest,
    about: {
      readonly target: AuditSubject | null;
      readonly username?: string | null;
      readonly reason?: string;
    },
  ): Refusal {
    const { audit, log, logins } = this.#parts;
    const { clientAddress: client, requestId } = request;
    const { reason, target, username } = about;
    const why = reason === undefined ? {} : { reason };
    log.warn(`login.${result}`, { requestId, client, ...why });
    logins.count(null, result);
    const event: AuditEvent = `login.${result}`;
    const unknown = typeof username === 'string' ? { unknownName: username } : {};
    audit.note({ event, actor: null, target, address: client, requestId, ...why, ...unknown });
    const situation = result === 'rejected' ? 'loginRejected' : 'unavailable';
    return { kind: 'refused', situation, fields: [] };
  }
}
