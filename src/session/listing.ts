import type { Principal } from '../identity/principal.ts';
import type { StoredSession } from './session-store.ts';
import { sessionHandleOf } from './session.ts';

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

/** `seenHereAtMs`: when this worker saw it, which the store may not have heard yet. */
export function listedSession(stored: StoredSession, seenHereAtMs: number): ListedSession {
  const { actor, absoluteDeadlineMs, createdAtMs, key, lastSeenAtMs, principal } = stored;
  return {
    handle: sessionHandleOf(key),
    principal,
    actor: actor && { subject: actor.subject, directory: actor.directory },
    createdAtMs,
    lastSeenAtMs: Math.max(lastSeenAtMs, seenHereAtMs),
    absoluteDeadlineMs,
  };
}
