import type { AuditEvent, AuditSubject } from '../observability/audit-log.ts';
import type { LiveSession } from '../session/live-session.ts';
import type { Settlement } from '../session/commit.ts';
import type { EndpointRequest } from './endpoint.ts';
import type { EndpointParts } from './endpoint-parts.ts';

/** What somebody who is logged in did, with whom it befell. */
export interface Deed {
  readonly event: Exclude<AuditEvent, `login.${string}`>;
  readonly target: AuditSubject | null;
  /** Sessions that ended. */
  readonly revoked?: number;
  /** Who has heard of it. */
  readonly settlement?: Settlement;
}

/** Writes down what people did with their sessions and with those of others: in the log, and in the audit log. */
export class Deeds {
  readonly #parts: Pick<EndpointParts, 'audit' | 'log'>;

  constructor(parts: Pick<EndpointParts, 'audit' | 'log'>) {
    this.#parts = parts;
  }

  /** Of what is done. */
  note(deed: Deed, who: LiveSession, request: EndpointRequest): void {
    this.log(deed, who, request);
    this.#parts.audit.note(recordOf(deed, who, request));
  }

  /** Of what is about to be done: whether it may. */
  async admits(deed: Deed, who: LiveSession, request: EndpointRequest): Promise<boolean> {
    return await this.#parts.audit.admits(recordOf(deed, who, request));
  }

  /** Of what is done and stands in the audit log already. */
  log(
    { event, revoked, settlement, target }: Deed,
    who: LiveSession,
    request: EndpointRequest,
  ): void {
    const { requestId, clientAddress: client } = request;
    const { directory, subject } = personBehind(who);
    const count = revoked === undefined ? {} : { revoked };
    const about =
      target === null
        ? { directory, subject }
        : { actorDirectory: directory, actor: subject, ...target };
    this.#parts.log.info(event, { requestId, client, ...about, ...count, ...heardBy(settlement) });
  }
}

function heardBy(settlement: Settlement | undefined) {
  if (settlement === undefined) return {};
  const { acknowledged, members, waitedMs } = settlement;
  return { members, acknowledged, waitedMs: Math.round(waitedMs) };
}

function recordOf(
  { event, revoked, target }: Deed,
  who: LiveSession,
  { clientAddress, requestId }: EndpointRequest,
) {
  const count = revoked === undefined ? {} : { revoked };
  return { event, target, ...count, actor: personBehind(who), address: clientAddress, requestId };
}

/** Whoever acts for somebody is still who did it. */
function personBehind({ session }: LiveSession): AuditSubject {
  const { directory, subject } = session.actor ?? session.principal;
  return { directory, subject };
}

/** Whom it befalls when a session ends: nobody else, unless somebody acted for a user in it. */
export function targetOf({ session }: LiveSession): AuditSubject | null {
  if (session.actor === null) return null;
  const { directory, subject } = session.principal;
  return { directory, subject };
}
