import type { Attempt, Decision, HistoryEvent, Outage, Rollback } from './history.ts';

export interface Violation {
  readonly rule:
    | 'accepted after the answer'
    | 'accepted after the bound'
    | 'refused'
    | 'unavailable';
  readonly decision: Decision;
  readonly detail: string;
}

export interface CheckResult {
  readonly violations: readonly Violation[];
  readonly accepted: number;
  readonly refused: number;
  readonly unavailable: number;
  /** Sessions whose end was answered. */
  readonly answered: number;
}

export interface CheckTerms {
  /** `coherence.staleness`. */
  readonly boundMs: number;
  /** How long after an outage a 503 is still right: polls, reconnecting, and the settle time. */
  readonly healMs: number;
  /** When sessions end by themselves, counted from their opening: refused then, and nobody is to blame. */
  readonly sessionMs: number;
}

/**
 * Looks at every decision of a history:
 * - nobody accepts for a request that began after the end of the session was answered;
 * - nobody accepts `boundMs` after the store said that it is over;
 * - nobody refuses a session whose end nobody wanted (503 is no refusal);
 * - nobody says 503 while the store was there.
 */
export function checkHistory(events: readonly HistoryEvent[], terms: CheckTerms): CheckResult {
  const known = new KnownEnds(events);
  const outages = events.filter((event) => event.kind === 'outage');
  const rollbacks = events.filter((event) => event.kind === 'rollback');
  const violations: Violation[] = [];
  const counts = { accepted: 0, refused: 0, unavailable: 0 };
  for (const decision of events) {
    if (decision.kind !== 'decision') continue;
    counts[decision.verdict] += 1;
    const violation = judge(decision, known, { outages, rollbacks }, terms);
    if (violation !== null) violations.push({ decision, ...violation });
  }
  return { violations, ...counts, answered: known.answeredAt.size };
}

interface Excuses {
  readonly outages: readonly Outage[];
  readonly rollbacks: readonly Rollback[];
}

function judge(
  decision: Decision,
  known: KnownEnds,
  { outages, rollbacks }: Excuses,
  { boundMs, healMs, sessionMs }: CheckTerms,
): Pick<Violation, 'rule' | 'detail'> | null {
  const { decidedAt, session, startedAt, verdict } = decision;
  if (verdict === 'accepted') {
    const answeredAt = known.answeredAt.get(session) ?? Infinity;
    if (startedAt !== null && startedAt > answeredAt) {
      return { rule: 'accepted after the answer', detail: after(startedAt - answeredAt) };
    }
    const repliedAt = known.repliedAt.get(session) ?? Infinity;
    if (decidedAt >= repliedAt + boundMs) {
      return { rule: 'accepted after the bound', detail: after(decidedAt - repliedAt) };
    }
    return null;
  }
  if (verdict === 'unavailable') {
    const from = startedAt ?? decidedAt;
    const isExcused = outages.some((one) => from <= one.to + healMs && decidedAt >= one.from);
    return isExcused ? null : { rule: 'unavailable', detail: 'the store was there' };
  }
  const opened = known.opened.get(session);
  // Of a session that nobody saw begin nothing can be said.
  if (opened === undefined || decidedAt >= opened.at + sessionMs) return null;
  if (rollbacks.some(({ from, to }) => opened.at >= from && opened.at <= to)) return null;
  const wantedAt = known.wantedAt(session, opened.user);
  return decidedAt >= wantedAt ? null : { rule: 'refused', detail: 'nobody wanted it to end' };
}

function after(ms: number): string {
  return `${ms.toFixed(3)} ms after`;
}

/** The first time of everything that can happen to a session once. */
class KnownEnds {
  readonly answeredAt = new Map<string, number>();
  readonly repliedAt = new Map<string, number>();
  readonly opened = new Map<string, { readonly user: string; readonly at: number }>();
  readonly #attemptedAt = new Map<string, number>();
  readonly #userAttemptedAt = new Map<string, number>();

  constructor(events: readonly HistoryEvent[]) {
    for (const event of events) {
      if (event.kind === 'answer') first(this.answeredAt, event.sessions, event.at);
      else if (event.kind === 'reply') {
        first(this.repliedAt, event.sessions, event.at);
      } else if (event.kind === 'attempt') this.#attempted(event);
      else if (event.kind === 'opened') this.opened.set(event.session, event);
    }
  }

  wantedAt(session: string, user: string): number {
    return Math.min(
      this.#attemptedAt.get(session) ?? Infinity,
      this.#userAttemptedAt.get(user) ?? Infinity,
      // One that ended with another: its commit was earlier, nobody knows by how much.
      this.repliedAt.has(session) ? -Infinity : Infinity,
    );
  }

  #attempted({ at, sessions, user }: Attempt): void {
    first(this.#attemptedAt, sessions, at);
    if (user !== null) first(this.#userAttemptedAt, [user], at);
  }
}

function first(times: Map<string, number>, names: readonly string[], at: number): void {
  for (const name of names) times.set(name, Math.min(at, times.get(name) ?? Infinity));
}
