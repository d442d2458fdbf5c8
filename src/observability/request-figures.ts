import { durationSamples, figuresOf, type Labels } from './catalogue.ts';
import type { Figure } from './figure.ts';

/** What is counted of a route. */
export interface RouteTally {
  readonly listener: string;
  /** Its id; `-`: of requests that no route matched. */
  readonly route: string;
  readonly aliasesDropped: number;
  readonly managedDropped: number;
  requests(): readonly RequestTally[];
  durations(): readonly DurationTally[];
}

/** Every word is out of a fixed list. */
export interface RequestTally {
  readonly lane: string;
  readonly method: string;
  readonly auth: string;
  readonly code: string;
  readonly count: number;
}

export interface DurationTally {
  readonly lane: string;
  /** Exchanges up to each bound, one more for the rest; not cumulative. */
  readonly counts: readonly number[];
  readonly sumMs: number;
}

/** `boundsMs`: of `DurationTally.counts`, upwards. */
export function routeFigures(routes: readonly RouteTally[], boundsMs: readonly number[]): Figure[] {
  const labelsOf: Labels<RouteTally> = ({ listener, route }) => ({ listener, route });
  return [
    {
      name: 'portcullis_requests_total',
      kind: 'counter',
      help:
        'Exchanges that ended, by route (-: none matched), lane, method, what let them in, and class of status; ' +
        'none: the client left before an answer.',
      labels: ['listener', 'route', 'lane', 'method', 'auth', 'code'],
      read: () =>
        routes.flatMap((route) =>
          route.requests().map(({ count, ...words }) => ({
            labels: { ...labelsOf(route), ...words },
            value: count,
          })),
        ),
    },
    {
      name: 'portcullis_request_duration_seconds',
      kind: 'histogram',
      help: 'Time from the head of a request to the end of its answer, or of its WebSocket.',
      labels: ['listener', 'route', 'lane'],
      read: () =>
        routes.flatMap((route) =>
          route
            .durations()
            .flatMap(({ counts, lane, sumMs }) =>
              durationSamples(counts, sumMs, { ...labelsOf(route), lane }, boundsMs),
            ),
        ),
    },
    ...figuresOf(
      () =>
        routes.flatMap((route) => [
          { route, kind: 'alias', count: route.aliasesDropped },
          { route, kind: 'managed', count: route.managedDropped },
        ]),
      ['listener', 'route', 'kind'],
      ({ kind, route }) => ({ ...labelsOf(route), kind }),
      [
        [
          'request_fields_dropped_total',
          'counter',
          'Fields of clients that no upstream got; alias: the name may be read as another; managed: only the gateway sets it.',
          ({ count }) => count,
        ],
      ],
    ),
  ];
}
