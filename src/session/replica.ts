import type { LogEntry } from './log-entry.ts';

/** Copies of what a store has, as far as its log tells of changes. */
export interface Copies {
  /**
   * In the turn of this call what the entry names is refused, its copies are gone and its live streams are cut. Again
   * for an entry that is known: no harm.
   */
  apply(entry: LogEntry): void;
  /**
   * Something may have been missed. Every copy is dropped, and reads under way count for nothing (the generation says
   * so); what is known to be revoked stays so.
   */
  jump(): void;
}

/** What the sessions of a worker offer to coherence: they do as the log says. */
export interface Replica extends Copies {
  /** Session keys that were revoked in the last ten minutes of coherent time, to be told to a store that lost some. */
  revokedLately(): readonly string[];
}
