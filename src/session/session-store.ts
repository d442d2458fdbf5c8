import type { Principal } from '../identity/principal.ts';
import type { Commit } from './commit.ts';
import type { ActorRecord } from './session.ts';

/**
 * The authoritative copy of all sessions, known by their keys. Every answer has a third value besides yes and no, and
 * no call rejects on an outage.
 *
 * Times in records are on the clock of this process: a store with a clock of its own takes its own for every decision
 * and converts on the way out (time left, counted from the sending of the question).
 *
 * What has been revoked stays revoked: neither a create nor a touch brings a key back.
 *
 * Where several workers share a store, whatever ends sessions is written into the log in the same step (`commit`). A
 * store of one process has no log.
 */
export interface SessionStore {
  /**
   * A user who has `sessionsPerUserMax` loses the oldest to make room. An impersonation asks in the same step that the
   * actor's session is live and nobody's impersonation, and ends no later than that session.
   */
  create(session: NewSession): Promise<CreateAnswer>;
  read(key: string): Promise<ReadAnswer>;
  /**
   * `lastSeen` becomes the later of the two. A touch that comes late counts from when the session was seen: records
   * outlive the idle timeout by two touch intervals for that.
   */
  touch(touches: readonly SessionTouch[]): Promise<TouchAnswer>;
  /**
   * With every impersonation that was opened from one of them. Revoking again is no error, and is written again: whoever
   * asks a second time waits for everybody, too. `lost`: keys that the store has forgotten; those that it knows to be
   * revoked are left out, and so is `commit` where that leaves none.
   */
  revoke(keys: readonly string[], cause?: 'lost'): Promise<RevokeAnswer>;
  /**
   * All sessions of a user, and the impersonations of that user, by that user, and opened from any of these. `caller`:
   * the key of the session that asks, which is to be live in the same step; null: nobody in particular.
   */
  revokeUser(directory: string, subject: string, caller: string | null): Promise<RevokeUserAnswer>;
  /**
   * Every session of everybody, and every login that is under way; `keys` is empty. `lost`: the number of an entry of
   * this kind that somebody remembers, for a store that may have forgotten it: nothing is done where it has not.
   */
  revokeAll(lost?: number): Promise<RevokeAnswer>;
  /** Of `create.since`: taken before a password is checked. */
  revocationNumber(): Promise<RevocationNumberAnswer>;
  /** Unexpired, impersonations of the user among them, the newest first. */
  listOf(directory: string, subject: string): Promise<ListAnswer>;
  /**
   * Unexpired ones of everybody, those that were seen last first: of so many from the `skip`th on. Who comes or is
   * seen between two pages moves the others.
   */
  page(skip: number, count: number): Promise<ListAnswer>;
  count(): Promise<CountAnswer>;
  /** Removes what has expired. */
  sweep(): Promise<CountAnswer>;
}

export interface NewSession {
  readonly key: string;
  readonly principal: Principal;
  readonly actor: ActorRecord | null;
  /** Refused if all sessions of the user were ended after this number was given; null: not asked. */
  readonly since: number | null;
}

export interface StoredSession {
  readonly key: string;
  readonly principal: Principal;
  readonly actor: ActorRecord | null;
  readonly createdAtMs: number;
  readonly absoluteDeadlineMs: number;
  readonly lastSeenAtMs: number;
  readonly version: number;
}

export interface SessionTouch {
  readonly key: string;
  readonly lastSeenAtMs: number;
}

/** `full`: every place is taken by a session that has not expired. */
export interface StoreUnavailable {
  readonly kind: 'unavailable';
  readonly reason: 'silent' | 'full';
  /** Of a revocation: keys that the store was told to end, and perhaps did. */
  readonly named?: readonly string[];
}

export type CreateAnswer =
  | {
      readonly kind: 'created';
      readonly session: StoredSession;
      /** Keys of sessions that ended to make room. */
      readonly revoked: readonly string[];
      /** Of those; null where there are none, or no log. */
      readonly commit: Commit | null;
    }
  | {
      readonly kind: 'refused';
      /** `taken`: there is a session, or was one, under this key. */
      readonly reason: 'taken' | 'overtaken' | 'actorEnded';
    }
  | StoreUnavailable;

export type ReadAnswer =
  | { readonly kind: 'live'; readonly session: StoredSession }
  | { readonly kind: 'none'; readonly reason: 'unknown' | 'expired' | 'revoked' }
  | StoreUnavailable;

export type TouchAnswer =
  | {
      readonly kind: 'touched';
      /** Keys without a record. */
      readonly gone: readonly string[];
      readonly revoked: readonly string[];
    }
  | StoreUnavailable;

export type RevokeAnswer =
  | {
      readonly kind: 'revoked';
      /** Every key that is refused from now on because of this call. */
      readonly keys: readonly string[];
      /** How many live sessions that ended. */
      readonly count: number;
      /** Null where nothing had to be written, or there is no log. */
      readonly commit: Commit | null;
    }
  | StoreUnavailable;

/** `callerEnded`: the session that asked is over, so nothing was done. */
export type RevokeUserAnswer =
  | RevokeAnswer
  | { readonly kind: 'refused'; readonly reason: 'callerEnded' };

export type RevocationNumberAnswer =
  | { readonly kind: 'number'; readonly number: number }
  | StoreUnavailable;

export type ListAnswer =
  | { readonly kind: 'listed'; readonly sessions: readonly StoredSession[] }
  | StoreUnavailable;

export type CountAnswer = { readonly kind: 'counted'; readonly count: number } | StoreUnavailable;
