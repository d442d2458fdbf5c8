import type { JumpReason } from './revocation-log.ts';

/** Upper bounds of the histogram of settlements, in milliseconds. */
export const SETTLE_BOUNDS_MS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 60_000];

/** What a worker has been through in following the log. Only ever counted up. */
export interface CoherenceCounters {
  polls: number;
  /** Polls without an answer. */
  pollFailures: number;
  /** Entries that came by the bus first. */
  messages: number;
  /** Entries that a poll brought before the bus did. */
  catchUps: number;
  /** Entries that the bus had not brought a whole poll period later: it was renewed. */
  missed: number;
  readonly jumps: Record<JumpReason, number>;
  /** Epochs of the store that this worker has entered, the first included. */
  epochs: number;
  /** Times that the lease ran out. */
  lapses: number;
  struck: number;
  /** Revocations of this worker that everybody knows of. */
  settled: number;
  settledMs: number;
  /** By `SETTLE_BOUNDS_MS`, each for itself; one more than bounds. */
  readonly settledWithin: number[];
  /** Members that did not acknowledge in time. */
  unacknowledged: number;
}

export function createCoherenceCounters(): CoherenceCounters {
  return {
    polls: 0,
    pollFailures: 0,
    messages: 0,
    catchUps: 0,
    missed: 0,
    jumps: { first: 0, trimmed: 0, lost: 0, behind: 0, forged: 0, clock: 0 },
    epochs: 0,
    lapses: 0,
    struck: 0,
    settled: 0,
    settledMs: 0,
    settledWithin: Array.from({ length: SETTLE_BOUNDS_MS.length + 1 }, () => 0),
    unacknowledged: 0,
  };
}
