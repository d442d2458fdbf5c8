import type { LogEntry } from './log-entry.ts';

/** A worker that may hold a lease from before a commit. */
export interface Member {
  /** Random, new with every start of a worker. */
  readonly worker: string;
  /** Its own `coherence.staleness`: after so long it accepts nothing of what was revoked, whatever it heard. */
  readonly boundMs: number;
}

/** What a revocation left in the log, and who has to hear of it before it may be called done. */
export interface Commit {
  readonly entries: readonly LogEntry[];
  /** Of the moment of the commit; null where the store keeps no table: the bus knows (`Bus.members`). */
  readonly members: readonly Member[] | null;
  /** After a store came back members may be missing: so long any of them may believe what it knew. 0: all are there. */
  readonly unknownBoundMs: number;
  /** Whether a replica has it too; null where nobody asked. */
  readonly isReplicated: boolean | null;
}

/** What became of the wait for everybody. Either way nobody accepts what was revoked any more. */
export interface Settlement {
  /** Workers that had to hear of it, this one among them. */
  readonly members: number;
  readonly acknowledged: number;
  readonly waitedMs: number;
  readonly isReplicated: boolean | null;
}
