/** What became of the wish to end every session of a user; `count` of them were alive. */
export type Ending =
  | { readonly kind: 'ended'; readonly count: number }
  | { readonly kind: 'unavailable' };
