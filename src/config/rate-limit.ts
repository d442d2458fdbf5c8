import type * as z from 'zod';
import { duration } from './duration.ts';
import { optionBlock, text, wholeNumber } from './kinds.ts';
import { readNamed, readOptions, type Options, type Part } from './read-options.ts';

/** What requests have in common that share one budget. */
export type LimitKey =
  | { readonly by: 'address' | 'user' | 'session' }
  | { readonly by: 'header'; /** Lower case. */ readonly field: string };

/** How many requests somebody may send. Routes that name the same limit share its budgets. */
export interface RateLimitConfig {
  readonly name: string;
  readonly key: LimitKey;
  readonly requests: number;
  readonly perMs: number;
  /** At once, after a rest. */
  readonly burst: number;
  /** Budgets that are remembered. */
  readonly keysMax: number;
}

export const rateLimitOptions = optionBlock({
  by: text(
    /^(?:address|user|session|header:[A-Za-z0-9-]{1,100})$/,
    'address, user, session, or header: with a field name, such as header:X-Api-Key',
  )
    .default('address')
    .describe(
      'Whose requests are counted together: `address` (of the client; of IPv6 the first 64 bits, ' +
        'which is what one customer has), `user` (in all sessions), `session`, or a field such ' +
        'as `header:X-Api-Key`; requests without it count by their address. Default `address`. ' +
        'By user or session only where a route asks who it is.',
    ),
  requests: wholeNumber({ min: 1, max: 1_000_000 }).describe(
    'How many requests may come in the time of `per`, 1 to 1000000, at each worker. No default.',
  ),
  per: duration({ min: '1s', max: '1d' })
    .prefault('1s')
    .describe('The time for that many requests, 1s to 1d. Default 1s.'),
  burst: wholeNumber({ min: 1, max: 1_000_000 })
    .optional()
    .describe(
      'How many may come at once, after a rest, 1 to 1000000. Default: as many as `requests`. A ' +
        'page with its pictures is a burst. Of N workers each lets as many through before it has ' +
        'heard of the others (some milliseconds): when all of them are asked at once, N times the ' +
        'burst passes, once, and the next requests wait for so much longer.',
    ),
  keysMax: wholeNumber({ min: 1_000, max: 10_000_000 })
    .default(100_000)
    .describe(
      'How many addresses, users or values are remembered, 1000 to 10000000; the ones that were ' +
        'quiet longest are forgotten, and begin anew. Default 100000, about 20 MB when full.',
    ),
}).describe('How many requests somebody may send; more are answered 429 with Retry-After.');

/** One limit as far as it could be read. */
export interface RateLimitDraft {
  readonly name: string;
  readonly config: RateLimitConfig | undefined;
}

export function readRateLimits(part: Part): readonly RateLimitDraft[] {
  return readNamed(part).map(({ name, part: inner }) => {
    const options = readOptions(rateLimitOptions, inner);
    return { name, config: options && rateLimitConfig(name, options) };
  });
}

function rateLimitConfig(
  name: string,
  { value }: Options<z.output<typeof rateLimitOptions>>,
): RateLimitConfig {
  const { burst, by, keysMax, per, requests } = value;
  return { name, key: keyOf(by), requests, perMs: per, burst: burst ?? requests, keysMax };
}

function keyOf(by: string): LimitKey {
  if (by.startsWith('header:')) {
    return { by: 'header', field: by.slice('header:'.length).toLowerCase() };
  }
  return { by: by === 'user' || by === 'session' ? by : 'address' };
}
