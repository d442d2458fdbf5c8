import type { LiveSession } from './live-session.ts';

/** What became of the wish for a session. */
export type Opening =
  | { readonly kind: 'opened'; readonly live: LiveSession; readonly token: string }
  | { readonly kind: 'unavailable'; readonly reason: NoOpening };

/**
 * Why there is none. All of them are for the client to try again, from the start:
 * `silent`: the store did not answer; `full`: it has no place; `overtaken`: all sessions of this user were ended while
 * the password was being checked; `actorEnded`: the session that an impersonation was asked from is over.
 */
export type NoOpening = 'silent' | 'full' | 'overtaken' | 'actorEnded';
