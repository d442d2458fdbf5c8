import type { Figure, Sample } from './figure.ts';
import type { LineSink } from './line-sink.ts';
import type { LoginCounters } from './login-counters.ts';

/** What a listener counts. */
export interface ListenerTally {
  readonly listener: string;
  readonly accepted: number;
  readonly active: number;
  /** Requests that have begun and not ended. */
  readonly inFlight: number;
  readonly shed: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  /** By the reason, out of a fixed list. */
  readonly rejected: Readonly<Record<string, number>>;
}

/** The values of the `code` label, by hundreds of the status; at 0 those that ended without an answer. */
export const codeClasses = ['none', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;

type Read<T> = (source: T) => number;
export type Labels<T> = (source: T) => Readonly<Record<string, string>>;

/** One figure a row, with one sample for each source. */
export function figuresOf<T>(
  sources: readonly T[] | (() => readonly T[]),
  labels: readonly string[],
  labelsOf: Labels<T>,
  rows: readonly (readonly [name: string, kind: Figure['kind'], help: string, read: Read<T>])[],
): Figure[] {
  const all = typeof sources === 'function' ? sources : () => sources;
  return rows.map(([name, kind, help, read]) => ({
    name: `portcullis_${name}`,
    kind,
    help,
    labels,
    read: () => all().map((source) => ({ labels: labelsOf(source), value: read(source) })),
  }));
}

/** One sample per source and entry of a record of numbers. */
export function samplesBy<T>(
  sources: readonly T[],
  labelsOf: Labels<T>,
  label: string,
  record: (source: T) => Readonly<Record<string, number>>,
): Sample[] {
  return sources.flatMap((source) =>
    Object.entries(record(source)).map(([key, value]) => ({
      labels: { ...labelsOf(source), [label]: key },
      value,
    })),
  );
}

export function listenerFigures(listeners: readonly ListenerTally[]): Figure[] {
  const labelsOf: Labels<ListenerTally> = ({ listener }) => ({ listener });
  return [
    ...figuresOf(listeners, ['listener'], labelsOf, [
      ['connections_accepted_total', 'counter', 'Client connections taken.', (l) => l.accepted],
      ['connections_active', 'gauge', 'Client connections open now.', (l) => l.active],
      ['requests_in_flight', 'gauge', 'Requests under way now.', (l) => l.inFlight],
      ['connections_shed_total', 'counter', 'Client connections refused by a cap.', (l) => l.shed],
      ['received_bytes_total', 'counter', 'Bytes read from clients.', (l) => l.bytesReceived],
      ['sent_bytes_total', 'counter', 'Bytes of bodies written to clients.', (l) => l.bytesSent],
    ]),
    {
      name: 'portcullis_rejected_total',
      kind: 'counter',
      help: 'Requests refused before anybody asked who sent them, by reason.',
      labels: ['listener', 'reason'],
      read: () => samplesBy(listeners, labelsOf, 'reason', (l) => l.rejected),
    },
  ];
}

/** A histogram of counts up to each bound (one more for the rest, not cumulative) and the sum of all durations. */
export function durationSamples(
  counts: readonly number[],
  sumMs: number,
  labels: Sample['labels'],
  boundsMs: readonly number[],
): Sample[] {
  let count = 0;
  const buckets = [...boundsMs, Infinity].map((boundMs, index): Sample => {
    count += counts[index] ?? 0;
    const le = boundMs === Infinity ? '+Inf' : String(boundMs / 1000);
    return { suffix: '_bucket', labels: { ...labels, le }, value: count };
  });
  return [
    ...buckets,
    { suffix: '_sum', labels, value: sumMs / 1000 },
    { suffix: '_count', labels, value: count },
  ];
}

export function loginFigures(logins: LoginCounters): Figure[] {
  return [
    {
      name: 'portcullis_logins_total',
      kind: 'counter',
      help: 'Login attempts, by the directory that vouched and the result; throttled: the password was not looked at.',
      labels: ['directory', 'result'],
      read: () => logins.samples(),
    },
  ];
}

/** What is counted of WebSockets and other streams. */
export interface StreamTally {
  readonly active: number;
  /** By the reason, out of a fixed list. */
  readonly closed: Readonly<Record<string, number>>;
}

export function streamFigures(streams: StreamTally): Figure[] {
  return [
    plainFigure(
      'gauge',
      'streams_active',
      'WebSockets, and other exchanges older than 10 s, under way now.',
      () => streams.active,
    ),
    {
      name: 'portcullis_streams_closed_total',
      kind: 'counter',
      help: 'Such streams that ended, by reason; ended: both sides were done.',
      labels: ['reason'],
      read: () =>
        samplesBy(
          [streams],
          () => ({}),
          'reason',
          (one) => one.closed,
        ),
    },
  ];
}

/** `sinks` by what they carry: `log`, `access`. */
export function lostLineFigures(
  sinks: Readonly<Record<string, Pick<LineSink, 'lostLines'>>>,
): Figure[] {
  return figuresOf(Object.entries(sinks), ['log'], ([log]) => ({ log }), [
    [
      'log_lines_lost_total',
      'counter',
      'Log lines that nobody took.',
      ([, sink]) => sink.lostLines,
    ],
  ]);
}

/** A constant 1 that carries the version. */
export function buildFigures(version: string): Figure[] {
  return figuresOf([version], ['version', 'node'], () => ({ version, node: process.version }), [
    ['build_info', 'gauge', 'The version that runs.', () => 1],
  ]).map((figure) => ({ ...figure, together: 'first' }));
}

/** A figure without labels; absent while `read` gives NaN, because unknown is not 0. */
export function plainFigure(
  kind: Figure['kind'],
  name: string,
  help: string,
  read: () => number | Promise<number>,
): Figure {
  return {
    name: `portcullis_${name}`,
    kind,
    help,
    labels: [],
    read: async () => {
      const value = await read();
      return Number.isNaN(value) ? [] : [{ labels: {}, value }];
    },
  };
}

/** A figure with one label, whose values are out of a fixed list. */
export function labelledFigure(
  kind: Figure['kind'],
  name: string,
  help: string,
  label: string,
  read: () => readonly (readonly [value: string, count: number])[],
): Figure {
  return {
    name: `portcullis_${name}`,
    kind,
    help,
    labels: [label],
    read: () => read().map(([text, value]) => ({ labels: { [label]: text }, value })),
  };
}
