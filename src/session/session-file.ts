import { chmodSync, closeSync, fstatSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { SqliteFailure, isBusy } from './sqlite-failure.ts';

/** `PoSS`: marks a file as one of ours, so that nobody else's is taken for it. */
const applicationId = 0x506f5353;
const version = 1;

/** Nobody waits longer for a lock: what cannot be had at once is tried again. */
const busyTimeoutMs = 50;
/** How long a start waits for the gateway before it to let go of the file. */
const ownerTimeoutMs = 2_000;
const walBytesMax = 64 * 1024 * 1024;

/**
 * `sessions.id` gives the order of logins. `log.n` is never given again. `totals` is one row: how many sessions there
 * are, which a million rows cannot be counted for; the last number that `user_revocations` has forgotten; and a name of
 * this file, for it has one epoch.
 */
const schema = `
  CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    user TEXT NOT NULL,
    actor TEXT,
    opened_from TEXT,
    deadline INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    sealed BLOB NOT NULL
  ) STRICT;
  CREATE INDEX sessions_by_user ON sessions (user);
  CREATE INDEX sessions_by_actor ON sessions (actor) WHERE actor IS NOT NULL;
  CREATE INDEX sessions_by_origin ON sessions (opened_from) WHERE opened_from IS NOT NULL;
  CREATE INDEX sessions_by_deadline ON sessions (deadline);
  CREATE INDEX sessions_by_last_seen ON sessions (last_seen);
  CREATE TABLE tombstones (key TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX tombstones_by_until ON tombstones (until);
  CREATE TABLE log (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    tag TEXT NOT NULL,
    kind TEXT NOT NULL,
    revoker TEXT NOT NULL,
    ids TEXT NOT NULL CHECK (json_valid(ids))
  ) STRICT;
  CREATE TABLE user_revocations (
    user TEXT PRIMARY KEY,
    n INTEGER NOT NULL,
    at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX user_revocations_by_time ON user_revocations (at);
  CREATE TABLE totals (
    sessions INTEGER NOT NULL,
    forgotten INTEGER NOT NULL,
    epoch TEXT NOT NULL
  ) STRICT;
  INSERT INTO totals VALUES (0, 0, hex(randomblob(8)));
  CREATE TRIGGER session_added AFTER INSERT ON sessions
    BEGIN UPDATE totals SET sessions = sessions + 1; END;
  CREATE TRIGGER session_removed AFTER DELETE ON sessions
    BEGIN UPDATE totals SET sessions = sessions - 1; END;
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${version};
`;

/** Key-value zones: what a file has had since it has been opened by a version that knows them. */
const zoneSchema = `
  CREATE TABLE IF NOT EXISTS zone_entries (
    zone TEXT NOT NULL,
    tag TEXT NOT NULL,
    sealed BLOB NOT NULL,
    ends INTEGER,
    PRIMARY KEY (zone, tag)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS zone_entries_by_end ON zone_entries (ends) WHERE ends IS NOT NULL;
  CREATE TABLE IF NOT EXISTS zone_claims (
    zone TEXT NOT NULL,
    tag TEXT NOT NULL,
    holder TEXT NOT NULL,
    ends INTEGER NOT NULL,
    PRIMARY KEY (zone, tag)
  ) STRICT, WITHOUT ROWID;
`;

/** A session file that is open. `close` gives it up. */
export interface OpenSessionFile {
  readonly database: DatabaseSync;
  close(): void;
}

/** Opens it as its only writer, and makes it if it is not there. Throws an `SqliteFailure`. */
export function openToWrite(path: string): OpenSessionFile {
  const owner = own(path);
  try {
    makePrivate(path);
    const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
    try {
      prepare(database, path);
    } catch (error) {
      database.close();
      throw error;
    }
    return {
      database,
      close: () => {
        database.close();
        owner.close();
      },
    };
  } catch (error) {
    owner.close();
    throw SqliteFailure.of(path, error);
  }
}

/**
 * Opens it to read what is committed. A reader of a write-ahead log waits for nobody, and holds nobody up. Throws an
 * `SqliteFailure`.
 */
export function openToRead(path: string): OpenSessionFile {
  try {
    const database = new DatabaseSync(path, { readOnly: true, timeout: 0 });
    return { database, close: () => database.close() };
  } catch (error) {
    throw SqliteFailure.of(path, error);
  }
}

/**
 * Two writers would end each other's sessions by their own settings. The lock is one of the system's on a file beside
 * it, which ends with the process however that ends.
 */
function own(path: string): DatabaseSync {
  const ownerPath = `${path}-owner`;
  let owner: DatabaseSync | null = null;
  try {
    makePrivate(ownerPath);
    owner = new DatabaseSync(ownerPath, { timeout: ownerTimeoutMs });
    // Nothing is ever written there, so there is nothing to roll back.
    owner.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return owner;
  } catch (error) {
    owner?.close();
    if (!isBusy(error)) throw SqliteFailure.of(path, error);
    throw new SqliteFailure(`the session file ${path} is in use by another gateway`, {
      cause: error,
    });
  }
}

/** Nobody else may read it. The files beside it get the rights of this one. */
function makePrivate(path: string): void {
  const descriptor = openSync(path, 'a', 0o600);
  try {
    if ((fstatSync(descriptor).mode & 0o077) !== 0) chmodSync(path, 0o600);
  } finally {
    closeSync(descriptor);
  }
}

function prepare(database: DatabaseSync, path: string): void {
  const id = numberOf(database, 'application_id');
  const found = numberOf(database, 'user_version');
  if (numberOf(database, 'page_count') === 0) {
    database.exec(`BEGIN IMMEDIATE; ${schema} COMMIT;`);
  } else if (id !== applicationId) {
    throw new SqliteFailure(`the session file ${path} was not made by Portcullis`);
  } else if (found !== version) {
    const what = `is of version ${String(found)}, and this Portcullis knows ${String(version)}`;
    throw new SqliteFailure(`the session file ${path} ${what}`);
  } else {
    const damage = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
    if (damage !== 'ok') {
      throw new SqliteFailure(
        `the session file ${path} is damaged (${String(damage).replaceAll(/\s+/g, ' ')}): put a copy in its place, or remove it, and everybody logs in again`,
      );
    }
  }
  const mode = database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'];
  if (mode !== 'wal') {
    throw new SqliteFailure(
      `the session file ${path} cannot have a write-ahead log where it lies: it must be on a local disk`,
    );
  }
  database.exec(`PRAGMA journal_size_limit = ${String(walBytesMax)}`);
  database.exec(`BEGIN IMMEDIATE; ${zoneSchema} COMMIT;`);
}

function numberOf(database: DatabaseSync, pragma: string): number {
  return Number(database.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
}
