import type { LogEntry, LogPosition } from '../session/log-entry.ts';

/** What a worker says of itself with every poll. */
export interface PollQuestion {
  /** Random, new with every start of a worker. */
  readonly worker: string;
  /** Counts the polls of this worker: who stands still is struck from the table. */
  readonly sequence: number;
  /** `coherence.staleness` of this worker. */
  readonly boundMs: number;
  /** Up to where everything was applied; null before the first poll: the answer is a jump. */
  readonly position: LogPosition | null;
}

/**
 * The span in which the store is one process and has lost nothing. `isNew`: the store was empty when it began, so it
 * cannot have lost a revocation of a session that it has.
 */
export interface StoreEpoch {
  readonly id: string;
  /** By the clock of the store. */
  readonly ageMs: number;
  readonly isNew: boolean;
}

/**
 * `behind`: the log ends before the position, so much that this is no lost tail but a restored backup. `clock`: nothing
 * was missed, but the times of all copies are wrong.
 */
export type JumpReason = 'first' | 'trimmed' | 'lost' | 'behind' | 'forged' | 'clock';

export type PollAnswer =
  | {
      readonly kind: 'followed';
      /** All that came after the position, in order, `entriesPerPollMax` at most. */
      readonly entries: readonly LogEntry[];
      /** Whether they reach the end of the log. Only then is there a lease. */
      readonly isAtEnd: boolean;
      readonly epoch: StoreEpoch;
    }
  | {
      readonly kind: 'jumped';
      readonly reason: JumpReason;
      /** Of the log: the new position. */
      readonly end: LogPosition;
      readonly epoch: StoreEpoch;
    }
  /** `refused`: not connected, or to something that is no primary; `silent`: no answer in time. */
  | { readonly kind: 'unavailable'; readonly reason: 'refused' | 'silent' };

export const entriesPerPollMax = 1_000;

/**
 * The log of revocations, as a worker follows it. Entries are written by the session store, in the step that ends the
 * sessions (`SessionStore.revoke`, `revokeUser`, `create`, `revokeAll`); this port only reads. An adapter gives
 * authentic entries only: one that is not is a jump.
 */
export interface RevocationLog {
  /**
   * Truth and the lease. The store enters the worker into the member table (where it keeps one) in the same step. Never
   * rejects. Whoever asks measures the age of the answer from before the call.
   */
  poll(question: PollQuestion): Promise<PollAnswer>;
  /** Whether a poll could be sent now. */
  readonly isConnected: boolean;
  /** Gives up a connection that has been silent too long; the next poll is sent on another one. */
  giveUp(): void;
}

/** A row of the table of workers that may hold a lease. */
export interface MemberRow {
  readonly worker: string;
  readonly sequence: number;
  readonly boundMs: number;
}

/** Who may hold a lease, as the store knows it. Only where polls write; elsewhere the bus knows. */
export interface MemberTable {
  /** Null: no answer. */
  rows(): Promise<readonly MemberRow[] | null>;
  /** Only if it still stands at this sequence number. */
  strike(worker: string, sequence: number): Promise<void>;
  /** This worker has dropped its lease and goes, or has gone with it. */
  leave(worker: string): Promise<void>;
}
