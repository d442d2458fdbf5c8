import { labelledFigure, plainFigure } from './catalogue.ts';
import type { Figure, Sample } from './figure.ts';

/** What a worker counts that shares its store with others. */
export interface CoherenceTally {
  /** A word out of `states`. */
  readonly state: string;
  readonly states: readonly string[];
  /** Until this worker must not believe its copies any more; 0: it must not. */
  readonly leaseLeftMs: number;
  readonly members: number;
  readonly counters: {
    readonly polls: number;
    readonly pollFailures: number;
    readonly messages: number;
    readonly catchUps: number;
    readonly missed: number;
    readonly jumps: Readonly<Record<string, number>>;
    readonly epochs: number;
    readonly lapses: number;
    readonly struck: number;
    readonly settled: number;
    readonly settledMs: number;
    readonly settledWithin: readonly number[];
    readonly unacknowledged: number;
  };
  /** Messages and entries that no gateway had signed. */
  readonly forged: number;
}

/** Everything that `/metrics` shows of coherence. */
export function coherenceFigures(
  tally: () => CoherenceTally,
  settleBoundsMs: readonly number[],
): Figure[] {
  return [
    labelledFigure(
      'gauge',
      'coherence_state',
      'The state of this worker: 1 at one of them.',
      'state',
      () => {
        const { state, states } = tally();
        return states.map((name) => [name, name === state ? 1 : 0] as const);
      },
    ),
    {
      ...plainFigure(
        'gauge',
        'coherence_lease_seconds',
        'For how long copies may still be believed, of the worker with the shortest lease.',
        () => tally().leaseLeftMs / 1000,
      ),
      together: 'min',
    },
    {
      ...plainFigure(
        'gauge',
        'coherence_members',
        'Workers in the member table of the store.',
        () => tally().members,
      ),
      together: 'max', // of the one table
    },
    ...counted(tally),
    labelledFigure(
      'counter',
      'coherence_jumps_total',
      'Caches dropped, by the reason.',
      'reason',
      () => Object.entries(tally().counters.jumps),
    ),
    propagation(tally, settleBoundsMs),
  ];
}

function counted(tally: () => CoherenceTally): Figure[] {
  type Read = (tally: CoherenceTally) => number;
  const rows: readonly (readonly [name: string, help: string, read: Read])[] = [
    ['polls_total', 'Questions for what is new in the log.', (t) => t.counters.polls],
    ['poll_failures_total', 'Polls without an answer.', (t) => t.counters.pollFailures],
    ['messages_total', 'Entries that the bus brought first.', (t) => t.counters.messages],
    ['catch_ups_total', 'Entries that a poll brought first.', (t) => t.counters.catchUps],
    ['missed_total', 'Entries that the bus never brought.', (t) => t.counters.missed],
    [
      'epochs_total',
      'Times that the store was found to be another process.',
      (t) => t.counters.epochs,
    ],
    ['lapses_total', 'Times that the lease ran out.', (t) => t.counters.lapses],
    ['struck_total', 'Silent members struck from the table.', (t) => t.counters.struck],
    [
      'unacknowledged_total',
      'Members that had to be waited out.',
      (t) => t.counters.unacknowledged,
    ],
    ['forged_total', 'Messages that no gateway had signed, dropped.', (t) => t.forged],
  ];
  return rows.map(([name, help, read]) =>
    plainFigure('counter', `coherence_${name}`, help, () => read(tally())),
  );
}

/** From the answer to a commit to the last acknowledgement. */
function propagation(tally: () => CoherenceTally, boundsMs: readonly number[]): Figure {
  return {
    name: 'portcullis_coherence_propagation_seconds',
    kind: 'histogram',
    help: 'Time from the end of a session in the store until every worker knew of it.',
    labels: [],
    read: () => {
      const { settledMs, settledWithin } = tally().counters;
      let count = 0;
      const buckets = [...boundsMs, Infinity].map((boundMs, index): Sample => {
        count += settledWithin[index] ?? 0;
        const le = boundMs === Infinity ? '+Inf' : String(boundMs / 1000);
        return { suffix: '_bucket', labels: { le }, value: count };
      });
      return [
        ...buckets,
        { suffix: '_sum', labels: {}, value: settledMs / 1000 },
        { suffix: '_count', labels: {}, value: count },
      ];
    },
  };
}
