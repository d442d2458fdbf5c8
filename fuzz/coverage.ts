import type { MetricSample } from '../bench/processes/metrics.ts';
import { REFUSAL_STATUS } from '../src/wire/refusals.ts';
import { UPSTREAM_FAILURES } from '../src/wire/upstream-failure.ts';
import type { Tally } from './tally.ts';

/** Behind what the library of HTTP/2 refuses itself: seen by nobody as long as it does. */
const OUT_OF_REACH: ReadonlySet<string> = new Set(['coding-in-http2']);

/** Ends of an exchange that are no refusals. An upstream's failure is one only in the middle of its answer. */
const OUTCOMES = [
  ...['ok', 'client-abort', 'cut:revoked', 'cut:expired', 'cut:age', 'cut:idle', 'cut:drain'],
  ...['upstream:closed', 'upstream:reset', 'upstream:malformed', 'upstream:idle-timeout'],
];

const UPSTREAM_METRIC = 'portcullis_upstream_failures_total';

/** How often each thing occurred that exists; 0 for what was never met. */
export interface Coverage {
  readonly refusals: ReadonlyMap<string, number>;
  readonly outcomes: ReadonlyMap<string, number>;
  readonly upstreamFailures: ReadonlyMap<string, number>;
}

export function coverageOf(tally: Tally, metrics: readonly MetricSample[]): Coverage {
  const reasons = Object.keys(REFUSAL_STATUS).filter((name) => !OUT_OF_REACH.has(name));
  const met = new Map<string, number>();
  for (const { labels, name, value } of metrics) {
    const kind = /kind="([^"]+)"/.exec(labels)?.[1];
    if (name === UPSTREAM_METRIC && kind !== undefined) met.set(kind, (met.get(kind) ?? 0) + value);
  }
  const among = (names: readonly string[], counts: ReadonlyMap<string, number>) =>
    new Map([...names.map((name) => [name, 0] as const), ...counts]);
  return {
    refusals: among(reasons, tally.refusals),
    outcomes: among(OUTCOMES, tally.outcomes),
    upstreamFailures: among(UPSTREAM_FAILURES, met),
  };
}

/** What exists and was never met. */
export function neverMet({ outcomes, refusals, upstreamFailures }: Coverage): string[] {
  const missing = (kind: string, counts: ReadonlyMap<string, number>): string[] =>
    [...counts].filter(([, count]) => count === 0).map(([name]) => `${kind} ${name}`);
  return [
    ...missing('refusal', refusals),
    ...missing('end', outcomes),
    ...missing('upstream failure', upstreamFailures),
  ];
}
