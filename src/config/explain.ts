import type * as z from 'zod';
import { optionBlock, wholeNumber } from './kinds.ts';

/** What is kept so that requests can be explained afterwards. */
export interface ExplainConfig {
  /** Of each worker; 0: none. */
  readonly recentRequests: number;
}

export const explainOptions = optionBlock({
  recentRequests: wholeNumber({ min: 0, max: 100_000 })
    .default(0)
    .describe(
      'How many of its last requests each worker remembers, 0 to 100000, so that `portcullis ' +
        'explain --request ID` can show how one was decided. Default 0: none. What is remembered ' +
        'is the head as it came, with its cookies, in memory only and never shown unmasked; up to ' +
        '`headBytesMax` for each.',
    ),
}).describe('What is kept for `portcullis explain`.');

export function explainConfig(options: z.output<typeof explainOptions>): ExplainConfig {
  return { recentRequests: options.recentRequests };
}
