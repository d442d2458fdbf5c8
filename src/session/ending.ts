import type { Settlement } from './commit.ts';

/** What became of the wish to end sessions; `count` of them were alive. */
export type Ending =
  | { readonly kind: 'ended'; readonly count: number; readonly settlement: Settlement }
  | { readonly kind: 'unavailable' };

/** `callerEnded`: the session that asked for it was over itself, so nothing was done. */
export type UserEnding = Ending | { readonly kind: 'callerEnded' };
