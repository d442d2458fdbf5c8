import type * as z from 'zod';
import { duration } from './duration.ts';
import { optionBlock, text, textThat, wholeNumber } from './kinds.ts';

/** How servers are asked how they are. */
export interface HealthConfig {
  readonly path: string;
  /** What the Host field says; null: the name of the upstream. */
  readonly host: string | null;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Good answers in a row that make an unhealthy server healthy. */
  readonly rise: number;
  /** Bad ones that make a healthy one unhealthy. */
  readonly fall: number;
  readonly statusMin: number;
  readonly statusMax: number;
}

const statusesExpected = 'a status or a range of them, such as 200 or 200-399';

export const healthOptions = optionBlock({
  path: text(/^\/[\x21-\x7e]{0,1000}$/, 'a path such as /healthz')
    .default('/')
    .describe('What is asked for, with GET. Default `/`; an application has better ones.'),
  host: text(
    /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?(?::\d{1,5})?$/,
    'a host name such as app.internal',
  )
    .optional()
    .describe('What the Host field says. Default: the name of the upstream.'),
  interval: duration({ min: '50ms', max: '1h' })
    .prefault('5s')
    .describe('Between two questions, 50ms to 1h. Default 5s.'),
  timeout: duration({ min: '10ms', max: '5m' })
    .prefault('2s')
    .describe('How long an answer may take, 10ms to 5m, not above interval. Default 2s.'),
  rise: wholeNumber({ min: 1, max: 100 })
    .default(2)
    .describe('Good answers in a row until a server gets requests again, 1 to 100. Default 2.'),
  fall: wholeNumber({ min: 1, max: 100 })
    .default(3)
    .describe(
      'Bad ones in a row until it gets none, 1 to 100. Default 3: one lost packet moves nobody.',
    ),
  statuses: textThat((value) => isRange(value), /^\d{3}(?:-\d{3})?$/, statusesExpected)
    .default('200-399')
    .describe('The statuses of good answers, such as `200` or `200-399`. Default `200-399`.'),
}).describe(
  'Asks every server on its own how it is. Servers whose answers are bad get no requests, also ' +
    'where all are so: then 503. Without this section failures of requests are all that is known.',
);

export function healthConfig(options: z.output<typeof healthOptions>): HealthConfig {
  const { fall, host, interval, path, rise, statuses, timeout } = options;
  const [statusMin, statusMax] = boundsOf(statuses);
  return {
    path,
    host: host ?? null,
    intervalMs: interval,
    timeoutMs: timeout,
    rise,
    fall,
    statusMin,
    statusMax,
  };
}

function boundsOf(statuses: string): [number, number] {
  const [from = '', to = from] = statuses.split('-');
  return [Number(from), Number(to)];
}

function isRange(statuses: string): boolean {
  const [from, to] = boundsOf(statuses);
  return from >= 100 && to <= 599 && from <= to;
}
