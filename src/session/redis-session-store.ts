import { withoutLoginOrigin } from '../identity/login-origin.ts';
import type { SessionsConfig } from '../config/sessions.ts';
import type { Commit } from './commit.ts';
import { idsPerEntryMax } from './log-entry.ts';
import { listOf, memberRowsOf, numberOf, textOf, textsOf } from './redis-answers.ts';
import { signedEntry, type SignedEntry } from './redis-entry.ts';
import { openRecord, sealRecord } from './redis-record.ts';
import { RedisReads } from './redis-reads.ts';
import type { RedisScript } from './redis-scripts.ts';
import type { RedisStore } from './redis-store.ts';
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
  StoreUnavailable,
  StoredSession,
  TouchAnswer,
} from './session-store.ts';
import { userHashOf } from './user-hash.ts';

const silent: StoreUnavailable = Object.freeze({ kind: 'unavailable', reason: 'silent' });
/** Sessions that end in one step, and those that come to be in it, are few. */
const claimsMax = 8;
const touchesPerScript = 250;

/**
 * Sessions in Redis 7. Every call is one script, so each is atomic. What ends sessions has to name and sign them all
 * beforehand: where the server finds more, it does nothing and says which, and is asked again.
 */
export class RedisSessionStore implements SessionStore {
  readonly #store: RedisStore;
  readonly #config: SessionsConfig;
  readonly #reads: RedisReads;
  /** How long a record outlives idleness: a touch that comes late has to find it. */
  readonly #lateMs: number;

  constructor(store: RedisStore, config: SessionsConfig) {
    this.#store = store;
    this.#config = config;
    this.#lateMs = 2 * config.touchIntervalMs;
    this.#reads = new RedisReads(store, config.idleTimeoutMs);
  }

  async create(session: NewSession): Promise<CreateAnswer> {
    const { actor, key, principal, since } = session;
    const { idleTimeoutMs, absoluteTimeoutMs, impersonationTimeoutMs, sessionsPerUserMax } =
      this.#config;
    const value = sealRecord(this.#store.parts.values, key, { principal, actor });
    const args = [
      ...[idleTimeoutMs, absoluteTimeoutMs, sessionsPerUserMax, since ?? -1],
      impersonationTimeoutMs,
      ...[key, value, userHashOf(principal.directory, principal.subject)],
      actor?.sessionKey ?? '',
      actor === null ? '' : userHashOf(actor.directory, actor.subject),
      this.#lateMs,
    ];
    try {
      const { answer, entries } = await this.#claim(this.#store.scripts.create, args, new Set());
      const [kind, createdAt, deadline, surplus, done] = answer;
      switch (kind) {
        case 'taken':
        case 'overtaken':
        case 'actorEnded':
          return { kind: 'refused', reason: kind };
        case 'created':
          break;
        default:
          return silent;
      }
      const createdAtMs = this.#store.toOurs(numberOf(createdAt));
      const stored: StoredSession = {
        ...{ key, principal: withoutLoginOrigin(principal), actor, createdAtMs, version: 1 },
        absoluteDeadlineMs: this.#store.toOurs(numberOf(deadline)),
        lastSeenAtMs: createdAtMs,
      };
      const { commit } = this.#committed(done, entries);
      return { kind: 'created', session: stored, revoked: textsOf(surplus), commit };
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('OOM')) {
        return { kind: 'unavailable', reason: 'full' };
      }
      return this.#failed(error);
    }
  }

  async read(key: string): Promise<ReadAnswer> {
    try {
      return await this.#reads.read(key);
    } catch (error) {
      return this.#failed(error);
    }
  }

  async touch(touches: readonly SessionTouch[]): Promise<TouchAnswer> {
    const gone: string[] = [];
    const revoked: string[] = [];
    try {
      for (let start = 0; start < touches.length; start += touchesPerScript) {
        const nowMs = this.#store.parts.clock.now();
        const batch = touches.slice(start, start + touchesPerScript);
        const seen = batch.flatMap(({ key, lastSeenAtMs }) => [key, nowMs - lastSeenAtMs]);
        const args = [this.#config.idleTimeoutMs, this.#lateMs, ...seen];
        const answer = await this.#store.ask(this.#store.scripts.touch, args);
        gone.push(...textsOf(answer[1]));
        revoked.push(...textsOf(answer[2]));
      }
      return { kind: 'touched', gone, revoked };
    } catch (error) {
      return this.#failed(error);
    }
  }

  async revoke(keys: readonly string[], cause?: 'lost'): Promise<RevokeAnswer> {
    if (keys.length === 0) return { kind: 'revoked', keys, count: 0, commit: null };
    const { idleTimeoutMs, absoluteTimeoutMs } = this.#config;
    const args = [idleTimeoutMs, absoluteTimeoutMs, cause ?? ''];
    const named = new Set(keys);
    try {
      const { answer, entries } = await this.#claim(this.#store.scripts.revoke, args, named);
      return await this.#revoked(answer, entries);
    } catch (error) {
      return this.#failed(error);
    }
  }

  async revokeUser(
    directory: string,
    subject: string,
    caller: string | null,
  ): Promise<RevokeUserAnswer> {
    const { idleTimeoutMs, absoluteTimeoutMs } = this.#config;
    const user = userHashOf(directory, subject);
    const args = [idleTimeoutMs, absoluteTimeoutMs, user, caller ?? ''];
    const named = new Set<string>();
    try {
      const { answer, entries } = await this.#claim(this.#store.scripts.revokeUser, args, named);
      if (answer[0] === 'callerEnded') return { kind: 'refused', reason: 'callerEnded' };
      return await this.#revoked(answer, entries);
    } catch (error) {
      return { ...this.#failed(error), named: [...named] };
    }
  }

  async revokeAll(lost?: number): Promise<RevokeAnswer> {
    const { messages, worker } = this.#store.parts;
    const entry = signedEntry(messages, 'all', worker, []);
    const { payload, signature, tag } = entry;
    try {
      const args = [lost ?? '', 1, tag, payload, signature];
      const answer = await this.#store.ask(this.#store.scripts.revokeAll, args);
      return await this.#revoked(answer, [entry]);
    } catch (error) {
      return this.#failed(error);
    }
  }

  async revocationNumber(): Promise<RevocationNumberAnswer> {
    const answer = await this.#simply(this.#store.scripts.revocationNumber, []);
    return answer === null ? silent : { kind: 'number', number: numberOf(answer[1]) };
  }

  async listOf(directory: string, subject: string): Promise<ListAnswer> {
    const user = userHashOf(directory, subject);
    return await this.#list(this.#store.scripts.list, [this.#config.idleTimeoutMs, user]);
  }

  async page(skip: number, count: number): Promise<ListAnswer> {
    return await this.#list(this.#store.scripts.page, [this.#config.idleTimeoutMs, skip, count]);
  }

  async count(): Promise<CountAnswer> {
    const answer = await this.#simply(this.#store.scripts.count, []);
    return answer === null ? silent : { kind: 'counted', count: numberOf(answer[1]) };
  }

  /** Redis removes records by itself; what is swept is the list that is counted. */
  async sweep(): Promise<CountAnswer> {
    const answer = await this.#simply(this.#store.scripts.sweep, []);
    return answer === null ? silent : { kind: 'counted', count: numberOf(answer[1]) };
  }

  async #list(script: RedisScript, args: readonly (string | number)[]): Promise<ListAnswer> {
    const answer = await this.#simply(script, args);
    if (answer === null) return silent;
    const sessions: StoredSession[] = [];
    for (let index = 1; index + 1 < answer.length; index += 2) {
      const record = openRecord(this.#store, textOf(answer[index]), answer[index + 1]);
      if (record !== null) sessions.push(record);
    }
    return { kind: 'listed', sessions };
  }

  async #simply(
    script: RedisScript,
    args: readonly (string | number)[],
  ): Promise<readonly unknown[] | null> {
    try {
      return await this.#store.ask(script, args);
    } catch (error) {
      this.#store.report(error);
      return null;
    }
  }

  /** Asks until everything that would end has been named and signed; `named` grows meanwhile. */
  async #claim(
    script: RedisScript,
    args: readonly (string | number)[],
    named: Set<string>,
  ): Promise<{ readonly answer: readonly unknown[]; readonly entries: readonly SignedEntry[] }> {
    const { messages, worker } = this.#store.parts;
    for (let round = 0; round < claimsMax; round += 1) {
      const claimed = [...named];
      const entries: SignedEntry[] = [];
      for (let start = 0; start < claimed.length; start += idsPerEntryMax) {
        const ids = claimed.slice(start, start + idsPerEntryMax);
        entries.push(signedEntry(messages, 'revoked', worker, ids));
      }
      const lines = entries.flatMap(({ tag, payload, signature }) => [tag, payload, signature]);
      const all = [...args, claimed.length, ...claimed, entries.length, ...lines];
      const answer = await this.#store.ask(script, all);
      if (answer[0] !== 'more') return { answer, entries };
      for (const key of textsOf(answer[1])) named.add(key);
    }
    throw new Error('sessions came faster than they could be ended');
  }

  async #revoked(
    [, keys, done]: readonly unknown[],
    entries: readonly SignedEntry[],
  ): Promise<RevokeAnswer> {
    const { commit, count } = this.#committed(done, entries);
    const isReplicated = commit === null ? null : await this.#store.isReplicated();
    return {
      kind: 'revoked',
      keys: textsOf(keys),
      count,
      commit: commit && { ...commit, isReplicated },
    };
  }

  #committed(
    done: unknown,
    entries: readonly SignedEntry[],
  ): { readonly commit: Commit | null; readonly count: number } {
    const [first, alive, members, epochAge, bound] = listOf(done);
    if (first === undefined) return { commit: null, count: 0 };
    const boundMs = Math.max(this.#store.parts.boundMs, numberOf(bound));
    return {
      count: numberOf(alive),
      commit: {
        entries: entries.map(({ tag, kind, revoker, ids }, index) => ({
          ...{ number: numberOf(first) + index, tag, kind, revoker, ids },
        })),
        members: memberRowsOf(members),
        unknownBoundMs: numberOf(epochAge) < boundMs ? boundMs : 0,
        isReplicated: null,
      },
    };
  }

  #failed(error: unknown): StoreUnavailable {
    this.#store.report(error);
    return silent;
  }
}
