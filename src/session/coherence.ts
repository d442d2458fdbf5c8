import type { Commit, Settlement } from './commit.ts';
import type { Lease } from './lease.ts';

/**
 * What the sessions ask of coherence: whether this worker knows of every revocation that it has to know of, and when
 * everybody else knows of one of ours. `loneCoherence` is its answer where there is nobody else.
 */
export interface Coherence {
  readonly lease: Lease;
  /** Counts jumps: revocations that nobody told this worker of. What was read in an earlier one proves nothing. */
  readonly generation: number;
  /** Whether the store may be believed at all: not before it is known to be whole. */
  readonly mayRead: boolean;
  /** How long an answer of the store is good for, from the moment before it was asked. */
  readonly freshMs: number;
  /** A clock that stands still while this worker is cut off: what is kept for a time is kept through an outage. */
  coherentMs(): number;
  /**
   * For a request that came when the lease was over: true as soon as there is a lease again, false when there is none
   * within the time that a command may take. One wait for all.
   */
  renewal(): Promise<boolean>;
  /** Resolves when no worker anywhere accepts what was committed. Never rejects. */
  settle(commit: Commit): Promise<Settlement>;
}
