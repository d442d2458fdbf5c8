import type { AuditEvent, AuditLog, AuditRecord } from './audit-log.ts';

/** The events, as labels; each is there from the start, at 0. */
const EVENTS = [
  ...(['login.accepted', 'login.rejected', 'login.throttled', 'login.unavailable'] as const),
  ...(['logout', 'sessions.ended', 'escalate.accepted', 'escalate.refused', 'return'] as const),
  ...(['logout_user', 'logout_user.refused', 'standing.lost', 'bans.cleared'] as const),
] as const satisfies readonly AuditEvent[];

/** Why sessions end on purpose. */
const ENDS = ['logout', 'sessions.ended', 'return', 'logout_user', 'standing.lost'] as const;

/** An audit log, with how often each deed was done and how many sessions it ended, whether or not anybody keeps one. */
export class CountedAuditLog implements AuditLog {
  readonly events: Record<string, number> = zeros(EVENTS);
  readonly revocations: Record<string, number> = zeros(ENDS);
  readonly #log: AuditLog;

  constructor(log: AuditLog) {
    this.#log = log;
  }

  get isFailing(): boolean {
    return this.#log.isFailing;
  }

  get isRequired(): boolean {
    return this.#log.isRequired;
  }

  get lostLines(): number {
    return this.#log.lostLines;
  }

  note(record: AuditRecord): void {
    this.#count(record);
    this.#log.note(record);
  }

  async admits(record: AuditRecord): Promise<boolean> {
    const isAdmitted = await this.#log.admits(record);
    if (isAdmitted) this.#count(record);
    return isAdmitted;
  }

  reopen(): void {
    this.#log.reopen();
  }

  stop(): Promise<void> {
    return this.#log.stop();
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
