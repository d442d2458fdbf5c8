import type * as z from 'zod';
import { duration } from './duration.ts';
import { optionBlock, wholeNumber } from './kinds.ts';

/** The pool of threads that checks passwords. */
export interface PasswordsConfig {
  readonly threads: number;
  /** Checks that wait for a thread; one more is answered 503. */
  readonly queueMax: number;
  /** How long all checks of a login that has to wait for a thread take at most, as far as can be told; else 503. */
  readonly queueTimeoutMs: number;
}

export const passwordsOptions = optionBlock({
  threads: wholeNumber({ min: 1, max: 64 })
    .default(2)
    .describe(
      'How many passwords are checked at the same time, 1 to 64. Each check fills a core for ' +
        'tens of milliseconds, and the memory of its hash (19 MiB for ours). Default 2: logins ' +
        'get on without taking the machine from the requests.',
    ),
  queueMax: wholeNumber({ min: 0, max: 100_000 })
    .default(64)
    .describe(
      'How many checks may wait for a thread, 0 to 100000; one more is answered 503. Default ' +
        '64: about a second of waiting with hashes of ours. A long queue only makes people wait ' +
        'for an answer that they no longer want.',
    ),
  queueTimeout: duration({ min: '10ms', max: '1m' })
    .prefault('5s')
    .describe(
      'How long the checks of a login that has to wait for a thread may take, in all directories ' +
        'and waiting included, 10ms to 1m; one that would take longer, as far as can be told, is ' +
        'answered 503 at once. Default 5s: hashes of Django take half a second each, and a queue ' +
        'of them is longer than it looks.',
    ),
}).describe('The threads that check passwords, apart from the one that serves requests.');

export function passwordsConfig(options: z.output<typeof passwordsOptions>): PasswordsConfig {
  const { queueMax, queueTimeout, threads } = options;
  return { threads, queueMax, queueTimeoutMs: queueTimeout };
}
