import { setTimeout as pause } from 'node:timers/promises';
import { sessionsMaxOf } from '../config/session-store.ts';
import type { SessionsConfig } from '../config/sessions.ts';
import type { Clock } from '../lib/clock.ts';
import { withoutLoginOrigin } from '../identity/login-origin.ts';
import type { Commit } from './commit.ts';
import type { LogEntry } from './log-entry.ts';
import type { SessionCodec } from './session-codec.ts';
import type {
  CountAnswer,
  CreateAnswer,
  ListAnswer,
  NewSession,
  ReadAnswer,
  RevocationNumberAnswer,
  RevokeAnswer,
  RevokeUserAnswer,
  SessionStore,
  SessionTouch,
  StoredSession,
  TouchAnswer,
} from './session-store.ts';
import type {
  SessionTerms,
  SessionWrite,
  SessionWriteAnswer,
  SessionWrites,
} from './session-writes.ts';
import { SqliteFailure, isBusy } from './sqlite-failure.ts';
import { SqliteSessionReader, type SealedRow } from './sqlite-session-reader.ts';
import { userHashOf } from './user-hash.ts';

const firstVersion = 1;
/** A reader meets nobody's lock but while the log is being recovered. */
const busyPauseMs = 5;
const busyAttemptsMax = 20;

export interface SqliteSessionStoreParts {
  readonly path: string;
  readonly config: SessionsConfig;
  readonly clock: Clock;
  readonly codec: SessionCodec;
  readonly writes: SessionWrites;
  /** Of this process: see `LogEntry.revoker`. */
  readonly worker: string;
}

/**
 * The sessions of one machine, in a file: they survive its processes. Each process reads by itself, a record by its key,
 * some tens of microseconds and never a wait for a lock. There is one writer, see `SessionWrites`.
 */
export class SqliteSessionStore implements SessionStore {
  readonly #parts: SqliteSessionStoreParts;
  readonly #terms: SessionTerms;
  #reader: SqliteSessionReader | null = null;

  constructor(parts: SqliteSessionStoreParts) {
    this.#parts = parts;
    const { config } = parts;
    this.#terms = {
      idleTimeoutMs: config.idleTimeoutMs,
      absoluteTimeoutMs: config.absoluteTimeoutMs,
      touchIntervalMs: config.touchIntervalMs,
      sessionsPerUserMax: config.sessionsPerUserMax,
      sessionsMax: sessionsMaxOf(config.store),
    };
  }

  /** Rejects with a sentence about the file. */
  async start(): Promise<void> {
    await this.#parts.writes.start();
    this.#reader ??= new SqliteSessionReader(this.#parts.path);
  }

  async stop(): Promise<void> {
    this.#reader?.close();
    this.#reader = null;
    await this.#parts.writes.stop();
  }

  async create({ actor, key, principal, since }: NewSession): Promise<CreateAnswer> {
    const nowMs = this.#parts.clock.now();
    let absoluteDeadlineMs = nowMs + this.#terms.absoluteTimeoutMs;
    if (actor !== null) {
      const behind = await this.#find(actor.sessionKey);
      if (behind === null) return { kind: 'refused', reason: 'actorEnded' };
      // The writer looks whether that session lives. When it must end never changes.
      const endMs = Math.min(
        behind.absoluteDeadlineMs,
        nowMs + this.#parts.config.impersonationTimeoutMs,
      );
      absoluteDeadlineMs = Math.min(absoluteDeadlineMs, endMs);
    }
    const session = { key, principal, actor, createdAtMs: nowMs, absoluteDeadlineMs };
    const sealed = { ...session, version: firstVersion };
    const answer = await this.#perform({
      deed: 'create',
      nowMs,
      terms: this.#terms,
      revoker: this.#parts.worker,
      key,
      user: userHashOf(principal.directory, principal.subject),
      actor: actor && {
        user: userHashOf(actor.directory, actor.subject),
        sessionKey: actor.sessionKey,
      },
      deadlineMs: absoluteDeadlineMs,
      since,
      sealed: this.#parts.codec.encode(sealed),
    });
    switch (answer.kind) {
      case 'created':
        return {
          kind: 'created',
          session: forCache({ ...sealed, lastSeenAtMs: nowMs }),
          revoked: answer.revoked,
          commit: commitOf(answer.entries),
        };
      case 'refused':
        return answer;
      case 'full':
        return { kind: 'unavailable', reason: 'full' };
      default:
        throw failureOf(answer);
    }
  }

  async read(key: string): Promise<ReadAnswer> {
    const row = await this.#ask((reader) => reader.find(key));
    if (row === 'unknown' || row === 'revoked') return { kind: 'none', reason: row };
    const session = this.#parts.codec.decode(key, row.sealed, row.lastSeenAtMs);
    // Not ours, or of a key that was retired: as with a token, nothing that we know.
    if (session === null) return { kind: 'none', reason: 'unknown' };
    return this.#hasExpired(session)
      ? { kind: 'none', reason: 'expired' }
      : { kind: 'live', session: forCache(session) };
  }

  async touch(touches: readonly SessionTouch[]): Promise<TouchAnswer> {
    const nowMs = this.#parts.clock.now();
    const answer = await this.#perform({ deed: 'touch', nowMs, touches });
    if (answer.kind !== 'touched') throw failureOf(answer);
    return answer;
  }

  async revoke(keys: readonly string[], cause?: 'lost'): Promise<RevokeAnswer> {
    const answer = await this.#perform({
      deed: 'revoke',
      nowMs: this.#parts.clock.now(),
      terms: this.#terms,
      revoker: this.#parts.worker,
      keys,
      isLost: cause === 'lost',
    });
    return revokedBy(answer);
  }

  async revokeUser(
    directory: string,
    subject: string,
    caller: string | null,
  ): Promise<RevokeUserAnswer> {
    const answer = await this.#perform({
      deed: 'revokeUser',
      nowMs: this.#parts.clock.now(),
      terms: this.#terms,
      revoker: this.#parts.worker,
      user: userHashOf(directory, subject),
      caller,
    });
    return answer.kind === 'callerEnded'
      ? { kind: 'refused', reason: 'callerEnded' }
      : revokedBy(answer);
  }

  async revokeAll(lost?: number): Promise<RevokeAnswer> {
    const { clock, worker } = this.#parts;
    const answer = await this.#perform({
      deed: 'revokeAll',
      nowMs: clock.now(),
      terms: this.#terms,
      revoker: worker,
      lost: lost ?? null,
    });
    return revokedBy(answer);
  }

  async revocationNumber(): Promise<RevocationNumberAnswer> {
    return { kind: 'number', number: await this.#ask((reader) => reader.logEnd()) };
  }

  async listOf(directory: string, subject: string): Promise<ListAnswer> {
    const user = userHashOf(directory, subject);
    const rows = await this.#ask((reader) => reader.ofUser(user));
    const sessions = this.#liveOf(rows).filter(
      ({ principal }) => principal.directory === directory && principal.subject === subject,
    );
    return { kind: 'listed', sessions };
  }

  async page(skip: number, count: number): Promise<ListAnswer> {
    const nowMs = this.#parts.clock.now();
    const seenAfterMs = nowMs - this.#terms.idleTimeoutMs;
    const rows = await this.#ask((reader) => reader.page(seenAfterMs, nowMs, skip, count));
    return { kind: 'listed', sessions: this.#liveOf(rows) };
  }

  async count(): Promise<CountAnswer> {
    return { kind: 'counted', count: await this.#ask((reader) => reader.count()) };
  }

  /** In slices, so that others have their turn at the writer. */
  async sweep(): Promise<CountAnswer> {
    let count = 0;
    for (;;) {
      const nowMs = this.#parts.clock.now();
      const answer = await this.#perform({ deed: 'sweep', nowMs, terms: this.#terms });
      if (answer.kind !== 'swept') throw failureOf(answer);
      count += answer.count;
      if (answer.isDone) return { kind: 'counted', count };
    }
  }

  #liveOf(rows: readonly SealedRow[]): StoredSession[] {
    return rows
      .map(({ key, lastSeenAtMs, sealed }) => this.#parts.codec.decode(key, sealed, lastSeenAtMs))
      .filter((session) => session !== null)
      .filter((session) => !this.#hasExpired(session));
  }

  #perform(write: SessionWrite): Promise<SessionWriteAnswer> {
    return this.#parts.writes.perform(write);
  }

  /** The record under a key, alive or not. */
  async #find(key: string): Promise<StoredSession | null> {
    const row = await this.#ask((reader) => reader.find(key));
    return typeof row === 'string'
      ? null
      : this.#parts.codec.decode(key, row.sealed, row.lastSeenAtMs);
  }

  async #ask<Answer>(question: (reader: SqliteSessionReader) => Answer): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      if (this.#reader === null) {
        throw new SqliteFailure(`the session file ${this.#parts.path} is closed`);
      }
      try {
        return question(this.#reader);
      } catch (error) {
        if (!isBusy(error) || attempt === busyAttemptsMax) {
          throw SqliteFailure.of(this.#parts.path, error);
        }
        await pause(busyPauseMs);
      }
    }
  }

  #hasExpired({ absoluteDeadlineMs, lastSeenAtMs }: StoredSession): boolean {
    const nowMs = this.#parts.clock.now();
    return nowMs >= absoluteDeadlineMs || nowMs - lastSeenAtMs >= this.#terms.idleTimeoutMs;
  }
}

/** A copy of one's own for each session is what only lists need. */
function forCache(session: StoredSession): StoredSession {
  return { ...session, principal: withoutLoginOrigin(session.principal) };
}

function revokedBy(answer: SessionWriteAnswer): RevokeAnswer {
  if (answer.kind !== 'revoked') throw failureOf(answer);
  const { count, entries, keys } = answer;
  return { kind: 'revoked', keys, count, commit: commitOf(entries) };
}

/** The file keeps no table of workers: whoever they are, they have one parent, which knows. */
function commitOf(entries: readonly LogEntry[]): Commit | null {
  if (entries.length === 0) return null;
  return { entries, members: null, unknownBoundMs: 0, isReplicated: null };
}

function failureOf(answer: SessionWriteAnswer): SqliteFailure {
  return new SqliteFailure(
    answer.kind === 'failed' ? answer.sentence : `unexpected answer ${answer.kind}`,
  );
}
