import type { StatementSync } from 'node:sqlite';
import { openToRead } from './session-file.ts';
import type { OpenSessionFile } from './session-file.ts';

/** A record as it lies in the file. */
export interface SealedRow {
  readonly key: string;
  readonly lastSeenAtMs: number;
  readonly sealed: Uint8Array;
}

/** One process's own look into a session file. Throws what SQLite throws. */
export class SqliteSessionReader {
  readonly #file: OpenSessionFile;
  readonly #find: StatementSync;
  readonly #ofUser: StatementSync;
  readonly #page: StatementSync;
  readonly #logEnd: StatementSync;
  readonly #count: StatementSync;

  constructor(path: string) {
    this.#file = openToRead(path);
    const { database } = this.#file;
    // One statement sees one state of the file.
    this.#find = database.prepare(
      `SELECT last_seen, sealed, (SELECT 1 FROM tombstones WHERE key = wanted) AS is_revoked
        FROM (SELECT ? AS wanted) LEFT JOIN sessions ON key = wanted`,
    );
    this.#ofUser = database.prepare(
      'SELECT key, last_seen, sealed FROM sessions WHERE user = ? ORDER BY id DESC',
    );
    this.#page = database.prepare(
      `SELECT key, last_seen, sealed FROM sessions WHERE last_seen > ? AND deadline > ?
        ORDER BY last_seen DESC LIMIT ? OFFSET ?`,
    );
    this.#logEnd = database.prepare('SELECT max(n) AS n FROM log');
    this.#count = database.prepare('SELECT sessions FROM totals');
  }

  find(key: string): SealedRow | 'unknown' | 'revoked' {
    const row = this.#find.get(key);
    if (row?.['is_revoked'] === 1) return 'revoked';
    const sealed = row?.['sealed'];
    if (!(sealed instanceof Uint8Array)) return 'unknown';
    return { key, lastSeenAtMs: Number(row?.['last_seen']), sealed };
  }

  /** The newest first. */
  ofUser(user: string): SealedRow[] {
    return this.#ofUser.all(user).flatMap(rowsOf);
  }

  /** Of everybody who was seen after a time and is not over by another, those that were seen last first. */
  page(seenAfterMs: number, nowMs: number, skip: number, count: number): SealedRow[] {
    return this.#page.all(seenAfterMs, nowMs, count, skip).flatMap(rowsOf);
  }

  /** The number of the last entry of the log, 0 while there is none. */
  logEnd(): number {
    return Number(this.#logEnd.get()?.['n'] ?? 0);
  }

  count(): number {
    return Number(this.#count.get()?.['sessions']);
  }

  close(): void {
    this.#file.close();
  }
}

function rowsOf({
  key,
  last_seen: lastSeen,
  sealed,
}: Readonly<Record<string, unknown>>): SealedRow[] {
  return sealed instanceof Uint8Array
    ? [{ key: String(key), lastSeenAtMs: Number(lastSeen), sealed }]
    : [];
}
