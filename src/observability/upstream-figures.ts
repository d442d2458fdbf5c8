import { durationSamples, figuresOf, samplesBy, type Labels } from './catalogue.ts';
import type { Figure } from './figure.ts';

/** What is counted of one server of the configuration, all its addresses together. */
export interface UpstreamTally {
  readonly upstream: string;
  readonly server: string;
  readonly connects: number;
  readonly reuses: number;
  readonly open: number;
  readonly idle: number;
  readonly waiting: number;
  readonly inFlight: number;
  readonly requests: number;
  /** By the kind, out of a fixed list. */
  readonly failures: Readonly<Record<string, number>>;
  /** Answers by class of status (`2xx`). */
  readonly answers: Readonly<Record<string, number>>;
  /** Answers up to each bound, one more for the rest; not cumulative. */
  readonly byLatency: readonly number[];
  readonly latencySumMs: number;
  /** Addresses by what they are: up, out, … */
  readonly states: Readonly<Record<string, number>>;
}

/** What is counted of a group. */
export interface GroupTally {
  readonly upstream: string;
  readonly retried: number;
  readonly unserved: number;
}

/** What is counted of a rate limit. */
export interface LimitTally {
  readonly name: string;
  readonly refused: number;
}

/** `latencyBoundsMs`: of `UpstreamTally.byLatency`, upwards. */
export function upstreamFigures(
  read: () => readonly UpstreamTally[],
  latencyBoundsMs: readonly number[],
): Figure[] {
  const labelsOf: Labels<UpstreamTally> = ({ upstream, server }) => ({ upstream, server });
  return [
    ...figuresOf(read, ['upstream', 'server'], labelsOf, [
      ['upstream_connects_total', 'counter', 'Upstream connections begun.', (u) => u.connects],
      [
        'upstream_reuses_total',
        'counter',
        'Requests on a connection that was idle.',
        (u) => u.reuses,
      ],
      ['upstream_connections_open', 'gauge', 'Upstream connections open now.', (u) => u.open],
      ['upstream_connections_idle', 'gauge', 'Upstream connections kept for later.', (u) => u.idle],
      [
        'upstream_requests_waiting',
        'gauge',
        'Requests that wait for a connection.',
        (u) => u.waiting,
      ],
      [
        'upstream_requests_total',
        'counter',
        'Requests that a server was chosen for, second attempts among them.',
        (u) => u.requests,
      ],
      ['upstream_requests_in_flight', 'gauge', 'Requests at a server now.', (u) => u.inFlight],
    ]),
    {
      name: 'portcullis_upstream_failures_total',
      kind: 'counter',
      help: 'Upstream requests that gave no whole answer, by kind.',
      labels: ['upstream', 'server', 'kind'],
      read: () => samplesBy(read(), labelsOf, 'kind', (u) => u.failures),
    },
    {
      name: 'portcullis_upstream_responses_total',
      kind: 'counter',
      help: 'Answers of upstream servers, by class of status.',
      labels: ['upstream', 'server', 'code'],
      read: () => samplesBy(read(), labelsOf, 'code', (u) => u.answers),
    },
    {
      name: 'portcullis_upstream_servers',
      kind: 'gauge',
      help: 'Addresses of a server by what they are: up, out, unhealthy, open, half-open.',
      labels: ['upstream', 'server', 'state'],
      read: () => samplesBy(read(), labelsOf, 'state', (u) => u.states),
    },
    {
      name: 'portcullis_upstream_response_seconds',
      kind: 'histogram',
      help: 'Time from sending a request to the head of its answer.',
      labels: ['upstream', 'server'],
      read: () =>
        read().flatMap((u) =>
          durationSamples(u.byLatency, u.latencySumMs, labelsOf(u), latencyBoundsMs),
        ),
    },
  ];
}

export function groupFigures(groups: readonly GroupTally[]): Figure[] {
  return figuresOf(groups, ['upstream'], ({ upstream }) => ({ upstream }), [
    [
      'upstream_retries_total',
      'counter',
      'Requests that were sent a second time.',
      (g) => g.retried,
    ],
    [
      'upstream_unserved_total',
      'counter',
      'Requests for which there was no server that could be asked.',
      (g) => g.unserved,
    ],
  ]);
}

export function limitFigures(limits: readonly LimitTally[]): Figure[] {
  if (limits.length === 0) return [];
  return figuresOf(limits, ['limit'], ({ name }) => ({ limit: name }), [
    [
      'rate_limited_total',
      'counter',
      'Requests that were above a rate limit, by its name.',
      (limit) => limit.refused,
    ],
  ]);
}
