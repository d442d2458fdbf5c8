import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EntryKind, LogEntry, LogPosition } from '../session/log-entry.ts';
import { logBeginning } from '../session/log-entry.ts';
import { openToRead } from '../session/session-file.ts';
import type { OpenSessionFile } from '../session/session-file.ts';
import { entriesPerPollMax } from './revocation-log.ts';
import type { JumpReason, PollAnswer, PollQuestion, RevocationLog } from './revocation-log.ts';

/** A file has one epoch: it loses nothing. What was put in its place while nobody had it open is another start. */
const wholeAgeMs = Infinity;
/** A log that ends so far before a position is an old copy. */
const behindMin = 1_000;

interface OpenLog {
  readonly file: OpenSessionFile;
  readonly epochId: string;
  readonly ends: StatementSync;
  readonly tagAt: StatementSync;
  readonly after: StatementSync;
}

/**
 * The log of revocations in a session file, read through a handle of this process's own: the truth needs neither the
 * writer nor a parent. A poll writes nothing; who lives, the bus knows.
 */
export class SqliteRevocationLog implements RevocationLog {
  readonly #path: string;
  #open: OpenLog | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  get isConnected(): boolean {
    return true;
  }

  giveUp(): void {
    this.close();
  }

  /** In the turn of this call: it never waits. */
  poll({ position }: PollQuestion): Promise<PollAnswer> {
    let answer: PollAnswer;
    try {
      this.#open ??= openLog(this.#path);
      answer = follow(this.#open, position);
    } catch {
      // Locked while it is being recovered, damaged, gone: the next poll tries it afresh.
      this.close();
      answer = { kind: 'unavailable', reason: 'refused' };
    }
    return Promise.resolve(answer);
  }

  close(): void {
    this.#open?.file.close();
    this.#open = null;
  }
}

function openLog(path: string): OpenLog {
  const file = openToRead(path);
  const { database } = file;
  try {
    return {
      file,
      epochId: String(database.prepare('SELECT epoch FROM totals').get()?.['epoch']),
      ends: database.prepare('SELECT min(n) AS first, max(n) AS last FROM log'),
      tagAt: database.prepare('SELECT tag FROM log WHERE n = ?'),
      after: database.prepare(
        `SELECT n, tag, kind, revoker, ids FROM log WHERE n > ? ORDER BY n LIMIT ${String(entriesPerPollMax)}`,
      ),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Everything from one state of the file. */
function follow(log: OpenLog, position: LogPosition | null): PollAnswer {
  const { database } = log.file;
  const epoch = { id: log.epochId, ageMs: wholeAgeMs, isNew: false };
  return asOfOneMoment(database, () => {
    const reason = position === null ? 'first' : jumpReason(log, position);
    if (position === null || reason !== null) {
      return { kind: 'jumped', reason: reason ?? 'first', end: endOf(log), epoch };
    }
    const entries = log.after.all(position.number).map(entryOf);
    return { kind: 'followed', entries, isAtEnd: entries.length < entriesPerPollMax, epoch };
  });
}

/** Null while every entry after the position is there. */
function jumpReason(log: OpenLog, { number, tag }: LogPosition): JumpReason | null {
  const ends = log.ends.get();
  const first = Number(ends?.['first'] ?? 1);
  const last = Number(ends?.['last'] ?? 0);
  if (number === logBeginning.number) return first === 1 ? null : 'trimmed';
  if (number < first) return 'trimmed';
  if (log.tagAt.get(number)?.['tag'] === tag) return null;
  return number - last >= behindMin ? 'behind' : 'lost';
}

function endOf(log: OpenLog): LogPosition {
  const last = log.ends.get()?.['last'];
  if (typeof last !== 'number') return logBeginning;
  return { number: last, tag: String(log.tagAt.get(last)?.['tag']) };
}

function entryOf(row: Readonly<Record<string, unknown>>): LogEntry {
  return {
    number: Number(row['n']),
    tag: String(row['tag']),
    // Nobody but the writer writes there.
    kind: String(row['kind']) as EntryKind,
    revoker: String(row['revoker']),
    ids: JSON.parse(String(row['ids'])) as string[],
  };
}

function asOfOneMoment<Answer>(database: DatabaseSync, read: () => Answer): Answer {
  database.exec('BEGIN');
  try {
    return read();
  } finally {
    database.exec('COMMIT');
  }
}
