import type { DatabaseSync, StatementSync } from 'node:sqlite';

const columns = 'key, user, opened_from, deadline, last_seen';

const texts = {
  byKey: `SELECT ${columns} FROM sessions WHERE key = ?`,
  ofUser: `SELECT ${columns} FROM sessions WHERE user = ? ORDER BY id DESC`,
  ofActor: `SELECT ${columns} FROM sessions WHERE actor = ? ORDER BY id DESC`,
  openedFrom: `SELECT ${columns} FROM sessions WHERE opened_from = ? ORDER BY id`,
  tombstone: 'SELECT 1 FROM tombstones WHERE key = ?',
  userRevocation: 'SELECT n FROM user_revocations WHERE user = ?',
  totals: 'SELECT sessions, forgotten FROM totals',
  insert: `INSERT INTO sessions (key, user, actor, opened_from, deadline, last_seen, sealed)
    VALUES (:key, :user, :actor, :openedFrom, :deadline, :lastSeen, :sealed)`,
  touch: `UPDATE sessions SET last_seen = max(last_seen, :seen)
    WHERE key = :key AND deadline > :now`,
  remove: 'DELETE FROM sessions WHERE key = ?',
  bury: `INSERT INTO tombstones VALUES (:key, :until)
    ON CONFLICT DO UPDATE SET until = max(until, excluded.until)`,
  buryAll: `INSERT INTO tombstones SELECT key, deadline FROM sessions WHERE true
    ON CONFLICT DO UPDATE SET until = max(until, excluded.until)`,
  removeAll: 'DELETE FROM sessions',
  alive: 'SELECT count(*) AS n FROM sessions WHERE deadline > :now AND last_seen > :idle',
  lastOfAll: `SELECT max(n) AS n FROM log WHERE kind = 'all'`,
  overtakeAll: 'UPDATE totals SET forgotten = ?',
  append: 'INSERT INTO log (tag, kind, revoker, ids) VALUES (:tag, :kind, :revoker, :ids)',
  revokeUser: `INSERT INTO user_revocations VALUES (:user, :n, :at)
    ON CONFLICT DO UPDATE SET n = excluded.n, at = excluded.at`,
  sweepOver: `DELETE FROM sessions WHERE id IN
    (SELECT id FROM sessions WHERE deadline <= :now LIMIT :limit)`,
  sweepUnseen: `DELETE FROM sessions WHERE id IN
    (SELECT id FROM sessions WHERE last_seen <= :idle LIMIT :limit)`,
  sweepTombstones: `DELETE FROM tombstones WHERE key IN
    (SELECT key FROM tombstones WHERE until <= :now LIMIT :limit)`,
  forget: `UPDATE totals SET forgotten =
    (SELECT max(n) FROM user_revocations WHERE at <= :old)
    WHERE EXISTS (SELECT 1 FROM user_revocations WHERE at <= :old AND n > forgotten)`,
  sweepUserRevocations: 'DELETE FROM user_revocations WHERE at <= :old',
  trimLog: `DELETE FROM log WHERE n IN
    (SELECT n FROM log WHERE n <= (SELECT max(n) FROM log) - :max LIMIT :limit)`,
};

/** What the writer of a session file asks and says, prepared once. */
export type SessionStatements = Readonly<Record<keyof typeof texts, StatementSync>>;

export function sessionStatements(database: DatabaseSync): SessionStatements {
  const prepared = Object.entries(texts).map(([name, text]) => [name, database.prepare(text)]);
  // The names are those of the texts.
  return Object.fromEntries(prepared) as SessionStatements;
}
