import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { sessionStatements } from './session-statements.ts';
import type { SessionStatements } from './session-statements.ts';
import { idsPerEntryMax } from './log-entry.ts';
import type { EntryKind, LogEntry } from './log-entry.ts';
import type {
  CreateWrite,
  RevokeAllWrite,
  RevokeUserWrite,
  RevokeWrite,
  SessionTerms,
  SessionWrite,
  SessionWriteAnswer,
  TouchWrite,
} from './session-writes.ts';
import { SqliteZoneWriter } from './sqlite-zone-writer.ts';

/** No check of a password takes longer. */
const userRevocationsKeepMs = 10 * 60_000;
/** A worker that is further behind than this starts afresh. */
const logEntriesMax = 100_000;
/** How much of one kind a sweep removes before others have their turn. */
const sweepSlice = 5_000;
const tagBytes = 8;

/** What a decision needs to know of a record. */
interface Row {
  readonly key: string;
  readonly user: string;
  readonly openedFrom: string | null;
  readonly deadlineMs: number;
  readonly lastSeenAtMs: number;
}

/** Thrown to begin again with a commit that waits for the disk. */
class NeedsDisk extends Error {}

/**
 * The one writer of a session file. Each call is one transaction, whatever is in it. It blocks until the file has it, so
 * it lives in a thread of its own.
 */
export class SqliteSessionWriter {
  readonly #database: DatabaseSync;
  readonly #statements: SessionStatements;
  readonly #random: (bytes: number) => Buffer;
  readonly #zones: SqliteZoneWriter;
  #mayRevoke = false;
  #revoked: string[] = [];

  constructor(database: DatabaseSync, random: (bytes: number) => Buffer = randomBytes) {
    this.#database = database;
    this.#statements = sessionStatements(database);
    this.#random = random;
    this.#zones = new SqliteZoneWriter({
      database,
      append: (revoker, ids) => this.#append(revoker, ids, 'entry'),
      isLive: (key, nowMs, idleTimeoutMs) => {
        const row = this.#row(key);
        return row !== undefined && !hasExpired(row, nowMs, { idleTimeoutMs });
      },
    });
  }

  /**
   * All or nothing; throws what SQLite throws. What ends a session is on the disk when this returns: a power cut must not
   * bring it back. The rest survives the process, and a power cut may take the last of it.
   */
  perform(writes: readonly SessionWrite[]): SessionWriteAnswer[] {
    const isRevoking = writes.some(isForTheDisk);
    try {
      return this.#transaction(writes, isRevoking);
    } catch (error) {
      if (!(error instanceof NeedsDisk)) throw error;
      return this.#transaction(writes, true);
    }
  }

  #transaction(writes: readonly SessionWrite[], mayRevoke: boolean): SessionWriteAnswer[] {
    this.#mayRevoke = mayRevoke;
    this.#database.exec(`PRAGMA synchronous = ${mayRevoke ? 'FULL' : 'NORMAL'}`);
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const answers = writes.map((write) => this.#performOne(write));
      this.#database.exec('COMMIT');
      return answers;
    } catch (error) {
      // Some failures have ended the transaction already.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #performOne(write: SessionWrite): SessionWriteAnswer {
    switch (write.deed) {
      case 'create':
        return this.#create(write);
      case 'touch':
        return this.#touch(write);
      case 'revoke':
        return this.#revoke(write);
      case 'revokeUser':
        return this.#revokeUser(write);
      case 'revokeAll':
        return this.#revokeAll(write);
      case 'sweep':
        return this.#sweep(write.nowMs, write.terms);
      case 'zone':
        return this.#zones.perform(write);
      case 'claim':
        return this.#zones.claim(write);
    }
  }

  #create(write: CreateWrite): SessionWriteAnswer {
    const { actor, key, nowMs, revoker, since, terms, user } = write;
    const statements = this.#statements;
    if (this.#row(key) !== undefined || this.#isRevoked(key)) {
      return { kind: 'refused', reason: 'taken' };
    }
    if (since !== null && this.#isOvertaken(user, since)) {
      return { kind: 'refused', reason: 'overtaken' };
    }
    let surplus = surplusOf(statements.ofUser.all(user).map(rowOf), nowMs, terms);
    if (actor !== null) {
      const behind = this.#row(actor.sessionKey);
      if (behind === undefined || !mayAct(behind, write)) {
        return { kind: 'refused', reason: 'actorEnded' };
      }
      const others = statements.ofActor.all(actor.user).map(rowOf);
      surplus = [...surplus, ...surplusOf(others, nowMs, terms)];
    }
    if (surplus.length === 0 && !this.#hasPlace(nowMs, terms)) return { kind: 'full' };
    const revoked = this.#collect(() => surplus.map((row) => this.#end(row, nowMs, terms)));
    const entries = revoked.length === 0 ? [] : this.#append(revoker, revoked);
    statements.insert.run({
      key,
      user,
      actor: actor?.user ?? null,
      openedFrom: actor?.sessionKey ?? null,
      deadline: write.deadlineMs,
      lastSeen: nowMs,
      sealed: write.sealed,
    });
    return { kind: 'created', revoked, entries };
  }

  #touch({ nowMs, touches }: TouchWrite): SessionWriteAnswer {
    const gone: string[] = [];
    const revoked: string[] = [];
    for (const { key, lastSeenAtMs } of touches) {
      const seen = Math.min(lastSeenAtMs, nowMs);
      if (this.#statements.touch.run({ key, seen, now: nowMs }).changes === 1) continue;
      (this.#isRevoked(key) ? revoked : gone).push(key);
    }
    return { kind: 'touched', gone, revoked };
  }

  #revoke({ isLost, keys, nowMs, revoker, terms }: RevokeWrite): SessionWriteAnswer {
    let count = 0;
    const revoked = this.#collect(() => {
      for (const key of keys) {
        if (isLost && this.#isRevoked(key)) continue;
        const row = this.#row(key);
        if (row !== undefined) {
          count += this.#end(row, nowMs, terms);
          continue;
        }
        this.#bury(key, nowMs + terms.absoluteTimeoutMs);
        // It may have expired before what was opened from it.
        for (const opened of this.#openedFrom(key)) count += this.#end(opened, nowMs, terms);
      }
    });
    const entries = revoked.length === 0 ? [] : this.#append(revoker, revoked);
    return { kind: 'revoked', keys: revoked, count, entries };
  }

  #revokeUser(write: RevokeUserWrite): SessionWriteAnswer {
    const { caller, nowMs, revoker, terms, user } = write;
    const asking = caller === null ? null : this.#row(caller);
    if (asking === undefined || (asking !== null && hasExpired(asking, nowMs, terms))) {
      return { kind: 'callerEnded' };
    }
    const statements = this.#statements;
    let count = 0;
    const revoked = this.#collect(() => {
      const rows = [...statements.ofUser.all(user), ...statements.ofActor.all(user)];
      for (const row of rows.map(rowOf)) count += this.#end(row, nowMs, terms);
    });
    const entries = this.#append(revoker, revoked);
    statements.revokeUser.run({ user, n: entries.at(-1)?.number ?? 0, at: nowMs });
    return { kind: 'revoked', keys: revoked, count, entries };
  }

  #revokeAll({ lost, nowMs, revoker, terms }: RevokeAllWrite): SessionWriteAnswer {
    const statements = this.#statements;
    if (lost !== null && Number(statements.lastOfAll.get()?.['n'] ?? 0) >= lost) {
      return { kind: 'revoked', keys: [], count: 0, entries: [] };
    }
    const idle = nowMs - terms.idleTimeoutMs;
    const count = Number(statements.alive.get({ now: nowMs, idle })?.['n']);
    statements.buryAll.run();
    statements.removeAll.run();
    const entries = this.#append(revoker, [], 'all');
    statements.overtakeAll.run(entries[0]?.number ?? 0);
    return { kind: 'revoked', keys: [], count, entries };
  }

  #sweep(nowMs: number, { idleTimeoutMs, touchIntervalMs }: SessionTerms): SessionWriteAnswer {
    const statements = this.#statements;
    const limit = sweepSlice;
    const idle = nowMs - idleTimeoutMs - 2 * touchIntervalMs;
    const over = Number(statements.sweepOver.run({ now: nowMs, limit }).changes);
    const unseen = Number(statements.sweepUnseen.run({ idle, limit }).changes);
    const buried = Number(statements.sweepTombstones.run({ now: nowMs, limit }).changes);
    statements.trimLog.run({ max: logEntriesMax, limit });
    const old = nowMs - userRevocationsKeepMs;
    statements.forget.run({ old });
    statements.sweepUserRevocations.run({ old });
    const isDone = over < limit && unseen < limit && buried < limit;
    return { kind: 'swept', count: over + unseen, isDone };
  }

  /** Looks for a place among what has expired before it says that there is none. */
  #hasPlace(nowMs: number, terms: SessionTerms): boolean {
    const count = () => Number(this.#statements.totals.get()?.['sessions']);
    if (count() < terms.sessionsMax) return true;
    this.#sweep(nowMs, terms);
    return count() < terms.sessionsMax;
  }

  #isOvertaken(user: string, since: number): boolean {
    const latest = Number(this.#statements.userRevocation.get(user)?.['n'] ?? 0);
    return latest > since || Number(this.#statements.totals.get()?.['forgotten']) > since;
  }

  /** Ends a session and what was opened from it; says how many of them were alive. */
  #end(row: Row, nowMs: number, terms: SessionTerms): number {
    if (this.#statements.remove.run(row.key).changes !== 1) return 0;
    if (!this.#mayRevoke) throw new NeedsDisk();
    let count = hasExpired(row, nowMs, terms) ? 0 : 1;
    this.#bury(row.key, row.deadlineMs);
    for (const opened of this.#openedFrom(row.key)) count += this.#end(opened, nowMs, terms);
    return count;
  }

  #bury(key: string, untilMs: number): void {
    this.#statements.bury.run({ key, until: untilMs });
    this.#revoked.push(key);
  }

  /** The keys that were buried by what is done. */
  #collect(done: () => unknown): string[] {
    this.#revoked = [];
    done();
    return this.#revoked;
  }

  /** One entry at least: also where nothing ended, the number is one that nobody had before. */
  #append(revoker: string, keys: readonly string[], kind: EntryKind = 'revoked'): LogEntry[] {
    const entries: LogEntry[] = [];
    for (let start = 0; start === 0 || start < keys.length; start += idsPerEntryMax) {
      const ids = keys.slice(start, start + idsPerEntryMax);
      const tag = this.#random(tagBytes).toString('hex');
      const row = this.#statements.append.run({ tag, kind, revoker, ids: JSON.stringify(ids) });
      entries.push({ number: Number(row.lastInsertRowid), tag, kind, revoker, ids });
    }
    return entries;
  }

  #row(key: string): Row | undefined {
    const row = this.#statements.byKey.get(key);
    return row && rowOf(row);
  }

  #openedFrom(key: string): Row[] {
    return this.#statements.openedFrom.all(key).map(rowOf);
  }

  #isRevoked(key: string): boolean {
    return this.#statements.tombstone.get(key) !== undefined;
  }
}

/** What must not come back with a power cut: the end of a session, and what somebody has done to a zone by hand. */
function isForTheDisk(write: SessionWrite): boolean {
  if (write.deed === 'zone') return write.order.deed !== 'put';
  return write.deed.startsWith('revoke');
}

function rowOf(row: Readonly<Record<string, unknown>>): Row {
  const openedFrom = row['opened_from'];
  return {
    key: String(row['key']),
    user: String(row['user']),
    openedFrom: typeof openedFrom === 'string' ? openedFrom : null,
    deadlineMs: Number(row['deadline']),
    lastSeenAtMs: Number(row['last_seen']),
  };
}

function hasExpired(
  row: Row,
  nowMs: number,
  { idleTimeoutMs }: Pick<SessionTerms, 'idleTimeoutMs'>,
): boolean {
  return nowMs >= row.deadlineMs || nowMs - row.lastSeenAtMs >= idleTimeoutMs;
}

function mayAct(behind: Row, { actor, nowMs, terms }: CreateWrite): boolean {
  return (
    behind.openedFrom === null && behind.user === actor?.user && !hasExpired(behind, nowMs, terms)
  );
}

/** Of sessions by age, newest first: those that must go before there may be another one. */
function surplusOf(rows: readonly Row[], nowMs: number, terms: SessionTerms): Row[] {
  if (rows.length < terms.sessionsPerUserMax) return [];
  return rows.filter((row) => !hasExpired(row, nowMs, terms)).slice(terms.sessionsPerUserMax - 1);
}
