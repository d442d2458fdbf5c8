import type { Principal } from '../identity/principal.ts';
import type { Clock } from '../lib/clock.ts';
import { markOf } from './marked-principal.ts';
import type { Standing } from './standing.ts';

/** The sessions, as far as those who use them are looked up again. */
export interface RefreshedSessions {
  /** This worker's cache, which falls into parts. */
  readonly cached: {
    readonly parts: number;
    /** Whose sessions are in one of them. */
    principalsIn(part: number): readonly Principal[];
  };
  listOf(
    directory: string,
    subject: string,
  ): Promise<
    | {
        readonly kind: 'listed';
        readonly sessions: readonly { readonly handle: string; readonly principal: Principal }[];
      }
    | { readonly kind: 'unavailable' }
  >;
  endSome(
    directory: string,
    subject: string,
    isMeant: (handle: string) => boolean,
  ): Promise<RefreshEnding>;
  endAllOf(directory: string, subject: string): Promise<RefreshEnding>;
}

type RefreshEnding =
  | { readonly kind: 'ended'; readonly count: number }
  // Nobody asks for it here who could have ended.
  | { readonly kind: 'callerEnded' }
  | { readonly kind: 'unavailable' };

export interface PrincipalRefreshParts {
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly sessions: RefreshedSessions;
  /** Null: that directory says nothing about anybody. */
  readonly standing: (directory: string, subject: string) => Promise<Standing | null>;
  /** Hears of sessions that ended: `gone` for a user who is disabled or deleted, `changed` for another password or fewer rights. */
  readonly onLost: (user: Principal, reason: 'gone' | 'changed', revoked: number) => void;
  /** Hears of what should not happen. */
  readonly onFault: (error: unknown) => void;
}

/** What became of the look-ups. */
export interface RefreshCounts {
  kept: number;
  ended: number;
  unavailable: number;
}

/** Questions at once: a directory has logins to answer, too. */
const atOnceMax = 4;
/** The shortest time between two steps of a round. */
const stepMsMin = 50;

/**
 * Looks after those who are logged in: whoever uses a session is looked up again in the directory that vouched, once in
 * an interval. Each worker does that for the sessions in its own cache, a part of it at a time, so that the questions
 * spread over the interval; a session that nobody uses is in no cache and does no harm, and is looked at when it is used.
 * What is ended is ended in the store, and so everywhere.
 */
export class PrincipalRefresh {
  readonly counts: RefreshCounts = { kept: 0, ended: 0, unavailable: 0 };
  /** How long the last whole round took; NaN before the first. */
  lastRoundMs = Number.NaN;
  readonly #parts: PrincipalRefreshParts;
  #timer: NodeJS.Timeout | null = null;
  #next = 0;
  #roundBeganAtMs = 0;
  #isStepping = false;

  constructor(parts: PrincipalRefreshParts) {
    this.#parts = parts;
  }

  start(): void {
    const { clock, intervalMs, onFault } = this.#parts;
    if (intervalMs === 0 || this.#timer !== null) return;
    this.#roundBeganAtMs = clock.monotonic();
    const stepMs = Math.max(stepMsMin, intervalMs / this.#parts.sessions.cached.parts);
    this.#timer = setInterval(() => void this.step(stepMs).catch(onFault), stepMs).unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** As many parts as are due in a step of that length. One step at a time: a slow directory makes the round longer. */
  async step(stepMs: number): Promise<void> {
    if (this.#isStepping) return;
    this.#isStepping = true;
    try {
      const { clock, intervalMs, sessions } = this.#parts;
      const due = Math.max(1, Math.round((sessions.cached.parts * stepMs) / intervalMs));
      for (let count = 0; count < due; count += 1) {
        await this.#refresh(sessions.cached.principalsIn(this.#next));
        this.#next = (this.#next + 1) % sessions.cached.parts;
        if (this.#next !== 0) continue;
        const nowMs = clock.monotonic();
        this.lastRoundMs = nowMs - this.#roundBeganAtMs;
        this.#roundBeganAtMs = nowMs;
      }
    } finally {
      this.#isStepping = false;
    }
  }

  async #refresh(principals: readonly Principal[]): Promise<void> {
    const users = new Map<string, Principal[]>();
    for (const principal of principals) {
      const key = `${principal.directory}\n${principal.subject}`;
      users.set(key, [...(users.get(key) ?? []), principal]);
    }
    const waiting = [...users.values()];
    const work = async (): Promise<void> => {
      for (let own = waiting.pop(); own !== undefined; own = waiting.pop()) await this.#look(own);
    };
    await Promise.all(Array.from({ length: atOnceMax }, work));
  }

  /** `own`: what the sessions of one user say of that user. */
  async #look(own: readonly Principal[]): Promise<void> {
    const [user] = own;
    if (user === undefined) return;
    const standing = await this.#parts.standing(user.directory, user.subject);
    if (standing === null) return;
    switch (standing.kind) {
      case 'unavailable':
        this.counts.unavailable += 1;
        return;
      case 'rejected': {
        const { sessions } = this.#parts;
        return this.#tell(user, 'gone', await sessions.endAllOf(user.directory, user.subject));
      }
      case 'accepted':
        if (own.some((principal) => isOutdated(principal, standing))) {
          return await this.#endOutdated(user, standing);
        }
        this.counts.kept += 1;
    }
  }

  /** Whoever has logged in with the new password stays. */
  async #endOutdated(
    user: Principal,
    standing: Extract<Standing, { kind: 'accepted' }>,
  ): Promise<void> {
    const { sessions } = this.#parts;
    const { directory, subject } = user;
    const listing = await sessions.listOf(directory, subject);
    if (listing.kind === 'unavailable') {
      this.counts.unavailable += 1;
      return;
    }
    const outdated = new Set(
      listing.sessions
        .filter(({ principal }) => isOutdated(principal, standing))
        .map(({ handle }) => handle),
    );
    const ending = await sessions.endSome(directory, subject, (handle) => outdated.has(handle));
    this.#tell(user, 'changed', ending);
  }

  #tell(user: Principal, reason: 'gone' | 'changed', ending: RefreshEnding): void {
    if (ending.kind !== 'ended') {
      this.counts.unavailable += 1;
      return;
    }
    this.counts.ended += 1;
    this.#parts.onLost(user, reason, ending.count);
  }
}

/** Another password, another role, or a group less. A group more can wait for the next login. */
function isOutdated(
  session: Principal,
  { passwordMark, principal }: Extract<Standing, { kind: 'accepted' }>,
): boolean {
  const mark = markOf(session);
  if (mark !== null && passwordMark !== null && mark !== passwordMark) return true;
  if (session.role !== principal.role) return true;
  return session.groups.some((group) => !principal.groups.includes(group));
}
