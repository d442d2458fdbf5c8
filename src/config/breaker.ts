import type * as z from 'zod';
import { duration } from './duration.ts';
import { optionBlock, wholeNumber } from './kinds.ts';

/** When a server that fails too often is not asked at all. */
export interface BreakerConfig {
  readonly failurePercent: number;
  readonly requestsMin: number;
  readonly windowMs: number;
  readonly openForMs: number;
  /** Requests that try a server afterwards, all of which have to be answered. */
  readonly trials: number;
}

export const breakerOptions = optionBlock({
  failurePercent: wholeNumber({ min: 1, max: 100 })
    .default(50)
    .describe(
      'The share of failures at which a server is not asked any more, 1 to 100 percent. Failures ' +
        'are answers of 500 and above and those that never came whole. Default 50.',
    ),
  requestsMin: wholeNumber({ min: 1, max: 1_000_000 })
    .default(20)
    .describe(
      'With fewer requests in the window nothing is concluded, 1 to 1000000. Default 20: one ' +
        'failure of two says little.',
    ),
  window: duration({ min: '100ms', max: '1h' })
    .prefault('10s')
    .describe('The time that is looked back on, 100ms to 1h. Default 10s.'),
  openFor: duration({ min: '100ms', max: '1h' })
    .prefault('10s')
    .describe(
      'How long the server is then not asked, 100ms to 1h, before some requests try it. Default ' +
        '10s. Where all servers of the group are so, requests are answered 503.',
    ),
  trials: wholeNumber({ min: 1, max: 1_000 })
    .default(3)
    .describe(
      'The requests that try it, 1 to 1000: all of them have to be answered, the first failure ' +
        'ends the attempt. Default 3.',
    ),
}).describe(
  'Gives servers that answer too much with errors a rest. Without this section only failTimeout does.',
);

export function breakerConfig(options: z.output<typeof breakerOptions>): BreakerConfig {
  const { failurePercent, openFor, requestsMin, trials, window } = options;
  return { failurePercent, requestsMin, windowMs: window, openForMs: openFor, trials };
}
