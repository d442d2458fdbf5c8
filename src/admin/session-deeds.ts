import { loginOriginOf } from '../identity/login-origin.ts';
import type { AuditLog, AuditSubject } from '../observability/audit-log.ts';
import type { Ending } from '../session/ending.ts';
import type { ListedSession, Listing } from '../session/listing.ts';
import type { ControlAnswer, EverybodyOrder, SessionOrder } from './control-order.ts';

/** The part of the sessions that operators reach. */
export interface OperatorSessions {
  listOf(directory: string, subject: string): Promise<Listing>;
  page(skip: number, count: number): Promise<Listing>;
  endEverybody(): Promise<Ending>;
  endAllOf(
    directory: string,
    subject: string,
  ): Promise<{ readonly kind: string; readonly count?: number }>;
  endSome(
    directory: string,
    subject: string,
    isMeant: (handle: string) => boolean,
  ): Promise<Ending>;
}

/** A session as operators see it: nothing in it lets anybody in. */
export interface ShownSession {
  readonly handle: string;
  readonly user: string;
  readonly directory: string;
  readonly role: string;
  readonly groups: readonly string[];
  readonly actor: string | null;
  /** From where, and at which node, it was opened; null: not known. */
  readonly address: string | null;
  readonly node: string | null;
  readonly createdAt: string;
  readonly lastSeenAt: string;
  readonly endsAt: string;
}

const outage: ControlAnswer = Object.freeze({
  kind: 'unavailable',
  sentence: 'the session store does not answer',
});

/** Looks at sessions, of a user or of everybody, and ends them, for those who run the gateway. */
export class SessionDeeds {
  readonly #sessions: OperatorSessions;
  readonly #directories: readonly string[];
  readonly #audit: Pick<AuditLog, 'note'>;

  /** `directories`: whose users can have sessions. */
  constructor(
    sessions: OperatorSessions,
    directories: readonly string[],
    audit: Pick<AuditLog, 'note'>,
  ) {
    this.#sessions = sessions;
    this.#directories = directories;
    this.#audit = audit;
  }

  async perform(order: SessionOrder | EverybodyOrder): Promise<ControlAnswer> {
    if (order.deed === 'page') {
      const listing = await this.#sessions.page(order.skip, order.count);
      if (listing.kind === 'unavailable') return outage;
      return { kind: 'done', value: listing.sessions.map((session) => shownSession(session)) };
    }
    if (order.deed === 'revokeEverybody') {
      const ending = await this.#sessions.endEverybody();
      if (ending.kind === 'unavailable') return outage;
      this.#note(null, ending.count);
      return { kind: 'done', value: { revoked: ending.count } };
    }
    const { directory } = order;
    if (directory !== null && !this.#directories.includes(directory)) {
      const known = this.#directories.join(', ');
      return { kind: 'refused', sentence: `there is no directory ${directory}, but ${known}` };
    }
    const asked = directory === null ? this.#directories : [directory];
    return order.deed === 'list'
      ? await this.#list(order, asked)
      : await this.#revoke(order, asked);
  }

  /** Whoever can open the socket: which of them it was, only the system knows. */
  #note(target: AuditSubject | null, revoked: number): void {
    const unknown = { actor: null, address: null, requestId: null };
    const reason = target === null ? 'everybody' : 'operator';
    this.#audit.note({ event: 'sessions.ended', target, revoked, reason, ...unknown });
  }

  async #list({ user, handles }: SessionOrder, asked: readonly string[]): Promise<ControlAnswer> {
    const shown: ShownSession[] = [];
    for (const directory of asked) {
      const listing = await this.#sessions.listOf(directory, user);
      if (listing.kind === 'unavailable') return outage;
      shown.push(...listing.sessions.map((session) => shownSession(session)));
    }
    const isMeant = ({ handle }: ShownSession): boolean => handles?.includes(handle) ?? true;
    return { kind: 'done', value: shown.filter(isMeant) };
  }

  async #revoke({ user, handles }: SessionOrder, asked: readonly string[]): Promise<ControlAnswer> {
    let revoked = 0;
    for (const directory of asked) {
      const ending =
        handles === null
          ? await this.#sessions.endAllOf(directory, user)
          : await this.#sessions.endSome(directory, user, (handle) => handles.includes(handle));
      if (ending.kind !== 'ended') return outage;
      revoked += ending.count ?? 0;
      this.#note({ directory, subject: user }, ending.count ?? 0);
    }
    return { kind: 'done', value: { revoked } };
  }
}

function shownSession(session: ListedSession): ShownSession {
  const { actor, principal } = session;
  const from = loginOriginOf(principal);
  return {
    handle: session.handle,
    user: principal.subject,
    directory: principal.directory,
    role: principal.role,
    groups: principal.groups,
    actor: actor === null ? null : actor.subject,
    address: from?.address ?? null,
    node: from?.node ?? null,
    createdAt: new Date(session.createdAtMs).toISOString(),
    lastSeenAt: new Date(session.lastSeenAtMs).toISOString(),
    endsAt: new Date(session.absoluteDeadlineMs).toISOString(),
  };
}
