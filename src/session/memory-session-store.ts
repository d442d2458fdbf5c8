import { setImmediate as nextTurn } from 'node:timers/promises';
import { sessionsMaxOf } from '../config/session-store.ts';
import type { SessionsConfig } from '../config/sessions.ts';
import type { Clock } from '../lib/clock.ts';
import { ImpersonationIndex, UserIndex, userKeyOf } from './memory-indexes.ts';
import { MemoryRecord } from './memory-record.ts';
import { RecentRevocations } from './recent-revocations.ts';
import { SeenOrder } from './seen-order.ts';
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
  TouchAnswer,
} from './session-store.ts';

/** No check of a password takes longer. */
const userRevocationsKeepMs = 10 * 60_000;
const userRevocationsMax = 100_000;
/** How many records a sweep looks at before it lets requests through: half a millisecond. */
const sweepSlice = 5_000;

/**
 * The sessions of one process, in its memory: they end with it. Every method does its work in the turn in which it is
 * called, so each is atomic; only a sweep lets others in between.
 *
 * A key that was revoked is remembered for as long as its session could have lived, and at most as many of them as there
 * may be sessions. One forgotten earlier is unknown, which is refused as well, and its id is never given out again.
 */
export class MemorySessionStore implements SessionStore {
  readonly #config: SessionsConfig;
  readonly #clock: Clock;
  readonly #records = new Map<string, MemoryRecord>();
  readonly #users = new UserIndex();
  readonly #seen = new SeenOrder();
  readonly #impersonations = new ImpersonationIndex();
  readonly #tombstones: RecentRevocations;
  readonly #userRevocations = new RecentRevocations({
    keepMs: userRevocationsKeepMs,
    keysMax: userRevocationsMax,
  });
  /** No record can be removed before: a sweep until then would find nothing. */
  #nextRemovalAtMs = Infinity;
  #sweeping: Promise<CountAnswer> | null = null;

  constructor(config: SessionsConfig, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
    this.#tombstones = new RecentRevocations({
      keepMs: config.absoluteTimeoutMs,
      keysMax: sessionsMaxOf(config.store),
    });
  }

  async create(session: NewSession): Promise<CreateAnswer> {
    const answer = this.#create(session);
    if (answer.kind !== 'unavailable') return answer;
    const swept = await this.sweep();
    return swept.kind === 'counted' && swept.count === 0 ? answer : this.#create(session);
  }

  read(key: string): Promise<ReadAnswer> {
    return Promise.resolve(this.#read(key));
  }

  touch(touches: readonly SessionTouch[]): Promise<TouchAnswer> {
    const nowMs = this.#clock.now();
    const gone: string[] = [];
    const revoked: string[] = [];
    const moved = new Set<MemoryRecord>();
    for (const { key, lastSeenAtMs } of touches) {
      const record = this.#records.get(key);
      if (record !== undefined && !record.isOver(nowMs)) {
        record.see(Math.min(lastSeenAtMs, nowMs));
        moved.add(record);
      } else if (this.#tombstones.has(key)) revoked.push(key);
      else gone.push(key);
    }
    this.#seen.moved(moved);
    return Promise.resolve({ kind: 'touched', gone, revoked });
  }

  revoke(keys: readonly string[]): Promise<RevokeAnswer> {
    const nowMs = this.#clock.now();
    const revoked: string[] = [];
    let count = 0;
    for (const key of keys) {
      const record = this.#records.get(key);
      if (record !== undefined) {
        count += this.#end(record, nowMs, revoked);
        continue;
      }
      this.#bury(key, nowMs, revoked);
      // It may have expired before what was opened from it.
      for (const opened of this.#impersonations.openedFrom(key)) {
        count += this.#end(opened, nowMs, revoked);
      }
    }
    return Promise.resolve({ kind: 'revoked', keys: revoked, count, commit: null });
  }

  revokeUser(directory: string, subject: string, caller: string | null): Promise<RevokeUserAnswer> {
    const nowMs = this.#clock.now();
    if (caller !== null && this.#read(caller).kind !== 'live') {
      return Promise.resolve({ kind: 'refused', reason: 'callerEnded' });
    }
    const revoked: string[] = [];
    let count = 0;
    this.#userRevocations.add(userKeyOf(directory, subject), nowMs);
    for (const record of this.#users.of(directory, subject)) {
      count += this.#end(record, nowMs, revoked);
    }
    for (const record of this.#impersonations.ofActor(directory, subject)) {
      count += this.#end(record, nowMs, revoked);
    }
    return Promise.resolve({ kind: 'revoked', keys: revoked, count, commit: null });
  }

  /** It has lost nothing. */
  revokeAll(lost?: number): Promise<RevokeAnswer> {
    const nowMs = this.#clock.now();
    let count = 0;
    if (lost === undefined) {
      for (const record of this.#records.values()) count += this.#end(record, nowMs, []);
      // Whoever is logging in now began before this.
      this.#userRevocations.doubt();
    }
    return Promise.resolve({ kind: 'revoked', keys: [], count, commit: null });
  }

  revocationNumber(): Promise<RevocationNumberAnswer> {
    return Promise.resolve({ kind: 'number', number: this.#userRevocations.number });
  }

  listOf(directory: string, subject: string): Promise<ListAnswer> {
    const nowMs = this.#clock.now();
    const sessions = this.#users
      .of(directory, subject)
      .filter((record) => !record.hasExpired(nowMs, this.#config.idleTimeoutMs))
      .map((record) => record.toStored());
    return Promise.resolve({ kind: 'listed', sessions });
  }

  page(skip: number, count: number): Promise<ListAnswer> {
    const nowMs = this.#clock.now();
    const isLive = (record: MemoryRecord): boolean =>
      !record.hasExpired(nowMs, this.#config.idleTimeoutMs);
    const sessions = this.#seen.slice(skip, count, isLive).map((record) => record.toStored());
    return Promise.resolve({ kind: 'listed', sessions });
  }

  count(): Promise<CountAnswer> {
    return Promise.resolve({ kind: 'counted', count: this.#records.size });
  }

  /** One at a time; who asks meanwhile gets the answer of the one under way. */
  sweep(): Promise<CountAnswer> {
    this.#sweeping ??= this.#sweep().finally(() => {
      this.#sweeping = null;
    });
    return this.#sweeping;
  }

  #create({ key, principal, actor, since }: NewSession): CreateAnswer {
    const nowMs = this.#clock.now();
    const { directory, subject } = principal;
    if (this.#records.has(key) || this.#tombstones.has(key)) {
      return { kind: 'refused', reason: 'taken' };
    }
    if (since !== null && this.#isOvertaken(directory, subject, since)) {
      return { kind: 'refused', reason: 'overtaken' };
    }
    const { absoluteTimeoutMs, impersonationTimeoutMs } = this.#config;
    let deadlineMs = nowMs + absoluteTimeoutMs;
    let surplus = this.#surplusOf(this.#users.of(directory, subject), nowMs);
    if (actor !== null) {
      const behind = this.#records.get(actor.sessionKey);
      if (behind === undefined || !this.#mayAct(behind, actor, nowMs)) {
        return { kind: 'refused', reason: 'actorEnded' };
      }
      deadlineMs = Math.min(deadlineMs, behind.absoluteDeadlineMs, nowMs + impersonationTimeoutMs);
      const others = this.#impersonations.ofActor(actor.directory, actor.subject).toReversed();
      surplus = [...surplus, ...this.#surplusOf(others, nowMs)];
    }
    const revoked: string[] = [];
    for (const record of surplus) this.#end(record, nowMs, revoked);
    if (this.#records.size >= sessionsMaxOf(this.#config.store)) {
      return { kind: 'unavailable', reason: 'full' };
    }
    const record = new MemoryRecord(key, principal, actor, nowMs, deadlineMs);
    this.#records.set(key, record);
    this.#users.add(record);
    this.#seen.add(record);
    this.#impersonations.add(record);
    this.#nextRemovalAtMs = Math.min(this.#nextRemovalAtMs, this.#removalOf(record));
    return { kind: 'created', session: record.toStored(), revoked, commit: null };
  }

  #read(key: string): ReadAnswer {
    const record = this.#records.get(key);
    if (record === undefined) {
      return { kind: 'none', reason: this.#tombstones.has(key) ? 'revoked' : 'unknown' };
    }
    return record.hasExpired(this.#clock.now(), this.#config.idleTimeoutMs)
      ? { kind: 'none', reason: 'expired' }
      : { kind: 'live', session: record.toStored() };
  }

  #isOvertaken(directory: string, subject: string, since: number): boolean {
    const latest = this.#userRevocations.numberOf(userKeyOf(directory, subject));
    return latest > since || !this.#userRevocations.covers(since);
  }

  #mayAct(behind: MemoryRecord, actor: NonNullable<NewSession['actor']>, nowMs: number): boolean {
    return (
      behind.actor === null &&
      behind.principal.directory === actor.directory &&
      behind.principal.subject === actor.subject &&
      !behind.hasExpired(nowMs, this.#config.idleTimeoutMs)
    );
  }

  /** Of sessions by age, newest first: those that must go before there may be another one. */
  #surplusOf(records: readonly MemoryRecord[], nowMs: number): MemoryRecord[] {
    if (records.length < this.#config.sessionsPerUserMax) return [];
    return records
      .filter((record) => !record.hasExpired(nowMs, this.#config.idleTimeoutMs))
      .slice(this.#config.sessionsPerUserMax - 1);
  }

  /** Ends a session and what was opened from it; says how many of them were alive. */
  #end(record: MemoryRecord, nowMs: number, revoked: string[]): number {
    if (this.#records.get(record.key) !== record) return 0;
    let count = record.hasExpired(nowMs, this.#config.idleTimeoutMs) ? 0 : 1;
    this.#remove(record);
    this.#bury(record.key, nowMs, revoked);
    for (const opened of this.#impersonations.openedFrom(record.key)) {
      count += this.#end(opened, nowMs, revoked);
    }
    return count;
  }

  #bury(key: string, nowMs: number, revoked: string[]): void {
    this.#tombstones.add(key, nowMs);
    revoked.push(key);
  }

  #remove(record: MemoryRecord): void {
    this.#records.delete(record.key);
    this.#users.remove(record);
    this.#seen.remove(record);
    this.#impersonations.remove(record);
  }

  #removalOf(record: MemoryRecord): number {
    const { idleTimeoutMs, touchIntervalMs } = this.#config;
    return Math.min(
      record.absoluteDeadlineMs,
      record.lastSeenAtMs + idleTimeoutMs + 2 * touchIntervalMs,
    );
  }

  async #sweep(): Promise<CountAnswer> {
    const nowMs = this.#clock.now();
    this.#tombstones.age(nowMs);
    this.#userRevocations.age(nowMs);
    if (nowMs < this.#nextRemovalAtMs) return { kind: 'counted', count: 0 };
    // A create that comes between two slices lowers it again.
    this.#nextRemovalAtMs = Infinity;
    let nextMs = Infinity;
    let count = 0;
    let seen = 0;
    for (const record of this.#records.values()) {
      const removalMs = this.#removalOf(record);
      if (nowMs >= removalMs) {
        this.#remove(record);
        count += 1;
      } else {
        nextMs = Math.min(nextMs, removalMs);
      }
      seen += 1;
      if (seen % sweepSlice === 0) await nextTurn();
    }
    this.#nextRemovalAtMs = Math.min(this.#nextRemovalAtMs, nextMs);
    return { kind: 'counted', count };
  }
}
