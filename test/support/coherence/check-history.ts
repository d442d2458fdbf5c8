import { checkStreams } from './check-streams.ts';
import { KnownEnds } from './known-ends.ts';
import type { Decision, HistoryEvent, Outage, Rollback } from './history.ts';
import type { CheckTerms, Violation } from './violation.ts';

export interface CheckResult {
  readonly violations: readonly Violation[];
  readonly accepted: number;
  readonly refused: number;
  readonly unavailable: number;
  /** Sessions whose end was answered. */
  readonly answered: number;
  /** Live streams whose session ended on purpose. */
  readonly streams: number;
}

/**
 * Looks at every decision of a history:
 * - nobody accepts for a request that began after the end of the session was answered;
 * - nobody accepts `boundMs` after the store said that it is over;
 * - nobody refuses a session whose end nobody wanted (503 is no refusal);
 * - nobody says 503 while the store was there;
 * and at every live stream (`checkStreams`).
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
    if (violation !== null) violations.push({ event: decision, ...violation });
  }
  const streams = checkStreams(events, known, terms);
  violations.push(...streams.violations);
  return {
    ...{ violations, ...counts, streams: streams.ended },
    answered: known.answeredAt.size,
  };
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
