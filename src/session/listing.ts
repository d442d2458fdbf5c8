import type { Principal } from '../identity/principal.ts';

/** A session as it may be shown: nothing in it lets anybody in. */
export interface ListedSession {
  readonly handle: string;
  readonly principal: Principal;
  /** Who stands behind an impersonation. */
  readonly actor: { readonly subject: string; readonly directory: string } | null;
  readonly createdAtMs: number;
  readonly lastSeenAtMs: number;
  readonly absoluteDeadlineMs: number;
}

/** The newest first. */
export type Listing =
  | { readonly kind: 'listed'; readonly sessions: readonly ListedSession[] }
  | { readonly kind: 'unavailable' };
