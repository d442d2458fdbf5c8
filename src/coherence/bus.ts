import type { Member } from '../session/commit.ts';
import type { LogEntry, LogPosition } from '../session/log-entry.ts';

/** A worker says that it has applied these entries. */
export interface Acknowledgement {
  readonly worker: string;
  readonly entries: readonly LogPosition[];
}

/** Whoever listens is called in the turn in which a message came in; it never throws. */
export interface BusListener {
  /** Applied as it comes, in any order, maybe twice; it never moves a position. */
  entered(entry: LogEntry): void;
  /** Of entries that this worker committed. */
  acknowledged(acknowledgement: Acknowledgement): void;
  /** A worker has ended, and its lease with it: as good as an acknowledgement of everything. */
  left(worker: string): void;
}

/**
 * The fast way between workers, and nothing but fast: what gets lost here a poll brings, and what is late is harmless.
 * Messages are authentic when they reach the listener; others are dropped and counted.
 */
export interface Bus {
  /** Once, before `start`. Own publications come back too, or do not. */
  listen(listener: BusListener): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** What this worker has just committed; does nothing where the store does it in the same step. */
  publish(entries: readonly LogEntry[]): void;
  /** To the worker that waits for it. */
  acknowledge(revoker: string, acknowledgement: Acknowledgement): void;
  /** Who may hold a lease, asked after a commit; null: nobody can say, so the whole bound is waited. */
  members(): Promise<readonly Member[] | null>;
  /** A poll brought what should have come by the bus: subscribe again. */
  renew(): void;
}
