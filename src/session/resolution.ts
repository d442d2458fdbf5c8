import type { LiveSession } from './live-session.ts';

/** What a token is worth. An outage is never `none`. */
export type Resolution =
  | { readonly kind: 'valid'; readonly live: LiveSession }
  | { readonly kind: 'none'; readonly reason: NoSession }
  | { readonly kind: 'unavailable' };

/** The first two were never a token of ours and cost the store nothing. */
export type NoSession = 'malformed' | 'forged' | 'unknown' | 'expired' | 'revoked';
