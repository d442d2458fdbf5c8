import { optionBlock, wholeNumber } from './kinds.ts';

/** The pool of threads that checks passwords. */
export interface PasswordsConfig {
  readonly threads: number;
  /** Checks that wait for a thread; one more is answered 503. */
  readonly queueMax: number;
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
        '64: about a second of waiting. A long queue only makes people wait for an answer that ' +
        'they no longer want.',
    ),
}).describe('The threads that check passwords, apart from the one that serves requests.');
