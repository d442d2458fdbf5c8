import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * What happened to sessions, as everybody who took part wrote it down. One machine, one monotonic clock: all times are
 * milliseconds of `process.hrtime`, whose zero is the same in every process (that of `performance.now` is not).
 */

/** A worker judged a session. */
export interface Decision {
  readonly kind: 'decision';
  readonly worker: string;
  readonly session: string;
  /** When the request began; null where the decision was made anew for one that had waited. */
  readonly startedAt: number | null;
  readonly decidedAt: number;
  readonly source: string;
  readonly verdict: 'accepted' | 'refused' | 'unavailable';
}

/** Somebody wanted these sessions, or all of a user, to end. From here on a refusal needs no other reason. */
export interface Attempt {
  readonly kind: 'attempt';
  readonly sessions: readonly string[];
  readonly user: string | null;
  readonly at: number;
}

/** The store said that these are over. The commit itself cannot be seen: it was earlier. */
export interface Reply {
  readonly kind: 'reply';
  readonly sessions: readonly string[];
  readonly at: number;
}

/** Whoever wanted it was told that it is done everywhere. */
export interface Answer {
  readonly kind: 'answer';
  readonly sessions: readonly string[];
  readonly at: number;
}

export interface Opened {
  readonly kind: 'opened';
  readonly session: string;
  readonly user: string;
  readonly at: number;
}

/** Something was done to the store, or to the way to it: until the end of it 503 is right. */
export interface Outage {
  readonly kind: 'outage';
  readonly what: string;
  readonly from: number;
  readonly to: number;
}

/** The store forgot what it was told in this time: logins that it had acknowledged may be gone. */
export interface Rollback {
  readonly kind: 'rollback';
  readonly from: number;
  readonly to: number;
}

/** A live stream was let through: from here on it is to be cut when one of these sessions ends. */
export interface StreamOpened {
  readonly kind: 'streamOpened';
  readonly worker: string;
  readonly stream: number;
  readonly sessions: readonly string[];
  readonly at: number;
}

/** It was cut, or has come to its end. */
export interface StreamOver {
  readonly kind: 'streamOver';
  readonly worker: string;
  readonly stream: number;
  readonly at: number;
}

export type HistoryEvent =
  | Decision
  | Attempt
  | Reply
  | Answer
  | Opened
  | StreamOpened
  | StreamOver
  | Outage
  | Rollback;

/** The time of this machine, in the same milliseconds for every process. */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** What the recorders of several processes left in a folder, by whatever moment they were killed. */
export function readHistory(folder: string): HistoryEvent[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.ndjson'));
  return names.flatMap(
    (name) =>
      readFileSync(join(folder, name), 'utf8')
        .split('\n')
        // The last line of a process that was killed may be half of one.
        .slice(0, -1)
        .map((line) => JSON.parse(line) as HistoryEvent), // the recorder wrote it
  );
}
