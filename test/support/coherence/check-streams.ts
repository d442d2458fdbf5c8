import type { HistoryEvent, Outage, StreamOpened } from './history.ts';
import type { KnownEnds } from './known-ends.ts';
import type { CheckTerms, Violation } from './violation.ts';

/** How often streams are looked at whose session nobody can vouch for, and how long a cut may take. */
const lookMs = 1_000;

export interface StreamsChecked {
  readonly violations: readonly Violation[];
  /** Streams whose session ended on purpose. */
  readonly ended: number;
}

/**
 * Rule 9: a live stream of a session that ended is cut before its end is answered; where the worker could not be
 * reached, when its lease and the grace are over and it has looked.
 */
export function checkStreams(
  events: readonly HistoryEvent[],
  known: KnownEnds,
  { boundMs, healMs }: CheckTerms,
): StreamsChecked {
  const overAt = new Map<string, number>();
  /** A worker that was killed has no streams; it says nothing any more. */
  const lastWordAt = new Map<string, number>();
  const outages: Outage[] = [];
  for (const event of events) {
    if (event.kind === 'outage') outages.push(event);
    if (event.kind === 'streamOver') overAt.set(nameOf(event), event.at);
    if ('worker' in event) {
      const at = event.kind === 'decision' ? event.decidedAt : event.at;
      lastWordAt.set(event.worker, Math.max(at, lastWordAt.get(event.worker) ?? 0));
    }
  }
  const violations: Violation[] = [];
  let ended = 0;
  for (const event of events) {
    if (event.kind !== 'streamOpened') continue;
    const repliedAt = firstOf(event, known.repliedAt);
    if (repliedAt === Infinity) continue;
    ended += 1;
    const answeredAt = firstOf(event, known.answeredAt);
    const livedUntil = overAt.get(nameOf(event)) ?? lastWordAt.get(event.worker) ?? 0;
    const isExcused = outages.some(
      ({ from, to }) => from <= answeredAt && to + healMs >= repliedAt,
    );
    if (livedUntil > answeredAt && !isExcused) {
      const detail = `${(livedUntil - answeredAt).toFixed(3)} ms after`;
      violations.push({ rule: 'streamed after the answer', event, detail });
      continue;
    }
    // Nobody can be cut by a process that does not run.
    const stoodStill = outages
      .filter(({ what, from, to }) => what === 'stall' && from <= livedUntil && to >= repliedAt)
      .reduce((sum, { from, to }) => sum + to - from, 0);
    const mayLiveMs = 1.9 * boundMs + 2 * lookMs + stoodStill;
    if (livedUntil <= repliedAt + mayLiveMs) continue;
    const detail = `${(livedUntil - repliedAt).toFixed(3)} ms after`;
    violations.push({ rule: 'streamed after the bound', event, detail });
  }
  return { violations, ended };
}

function nameOf(event: { readonly worker: string; readonly stream: number }): string {
  return `${event.worker} ${String(event.stream)}`;
}

/** When the first of the stream's sessions that ended did so. */
function firstOf({ sessions }: StreamOpened, times: ReadonlyMap<string, number>): number {
  return Math.min(...sessions.map((session) => times.get(session) ?? Infinity));
}
