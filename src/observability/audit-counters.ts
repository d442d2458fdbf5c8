import type { AuditEvent, AuditLog, AuditRecord } from './audit-log.ts';

/** The events, as labels; each is there from the start, at 0. */
const EVENTS = [
  ...(['login.accepted', 'login.rejected', 'login.throttled', 'login.unavailable'] as const),
  ...(['logout', 'sessions.ended', 'escalate.accepted', 'escalate.refused', 'return'] as const),
  ...(['logout_user', 'logout_user.refused', 'standing.lost', 'bans.cleared'] as const),
] as const satisfies readonly AuditEvent[];

/** Why sessions end on purpose. */
const ENDS = ['logout', 'sessions.ended', 'return', 'logout_user', 'standing.lost'] as const;

/** How often each deed was done, and how many sessions it ended, whether or not anybody keeps an audit log. */
export class AuditCounters {
  readonly events: Record<string, number> = zeros(EVENTS);
  readonly revocations: Record<string, number> = zeros(ENDS);

  /** The same log, counted. */
  over(log: AuditLog): AuditLog {
    const count = (record: AuditRecord): void => this.#count(record);
    return {
      get isFailing() {
        return log.isFailing;
      },
      isRequired: log.isRequired,
      get lostLines() {
        return log.lostLines;
      },
      note: (record) => {
        count(record);
        log.note(record);
      },
      admits: async (record) => {
        const isAdmitted = await log.admits(record);
        if (isAdmitted) count(record);
        return isAdmitted;
      },
      stop: () => log.stop(),
    };
  }

  #count({ event, revoked = 1 }: AuditRecord): void {
    this.events[event] = (this.events[event] ?? 0) + 1;
    const ended = this.revocations[event];
    if (ended !== undefined) this.revocations[event] = ended + revoked;
  }
}

function zeros(names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, 0]));
}
