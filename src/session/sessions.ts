import { randomBytes } from 'node:crypto';
import type { SessionsConfig } from '../config/sessions.ts';
import type { Principal } from '../identity/principal.ts';
import type { Clock } from '../lib/clock.ts';
import type { SessionTokens } from '../tokens/session-token.ts';
import { CachedSession, dropped, ended, referenced } from './cached-session.ts';
import { CommitBarrier } from './commit-barrier.ts';
import type { Ending } from './ending.ts';
import { GuardedStore } from './guarded-store.ts';
import { listedSession, type Listing } from './listing.ts';
import type { LiveSession } from './live-session.ts';
import type { Opening } from './opening.ts';
import type { Resolution } from './resolution.ts';
import { SessionCache } from './session-cache.ts';
import { createSessionCounters } from './session-counters.ts';
import type { SessionCounters } from './session-counters.ts';
import type { RevocationNumberAnswer, RevokeAnswer, SessionStore } from './session-store.ts';
import { createSessionId, sessionHandleOf, sessionKeyOf } from './session.ts';
import type { Actor, Session } from './session.ts';
import { SessionReader, noSession, unavailable } from './session-reader.ts';
import { TouchCalendar } from './touch-calendar.ts';

export interface SessionsParts {
  readonly config: SessionsConfig;
  readonly store: SessionStore;
  readonly tokens: SessionTokens;
  readonly clock: Clock;
  /** What upstreams are told about a session. Called when a session enters the cache, not for each request. */
  readonly describe: (session: Session) => string;
  readonly random?: (bytes: number) => Buffer;
  /** An error that a store let through; what was asked is then unavailable. */
  readonly onStoreError?: (error: unknown) => void;
  /** Told the keys of sessions that ended on purpose, in the turn in which they are refused here. */
  readonly onRevoked?: (keys: readonly string[]) => void;
}

/**
 * The sessions, as everybody else sees them: a cache in this worker's memory in front of the store. Every answer is
 * one of three: valid, none, unavailable; an outage is never *no*.
 *
 * `peek` is asked for each request and answers most of them; whoever gets nothing from it asks `resolve`. All times that
 * are passed in are `clock.now()`, read anew for each decision.
 */
export class Sessions {
  readonly counters: Readonly<SessionCounters>;
  readonly #counters: SessionCounters = createSessionCounters();
  readonly #parts: SessionsParts;
  readonly #store: SessionStore;
  readonly #cache: SessionCache;
  readonly #touches: TouchCalendar;
  readonly #reader: SessionReader;
  readonly #commits = new CommitBarrier();
  readonly #idleTimeoutMs: number;
  readonly #touchIntervalMs: number;
  /** Sessions that are refused here and whose end the store did not confirm. */
  readonly #unconfirmed = new Set<string>();
  #timers: readonly NodeJS.Timeout[] = [];
  #isSweeping = false;

  constructor(parts: SessionsParts) {
    const { config, clock } = parts;
    this.#parts = parts;
    this.counters = this.#counters;
    this.#idleTimeoutMs = config.idleTimeoutMs;
    this.#touchIntervalMs = config.touchIntervalMs;
    this.#store = new GuardedStore(parts.store, this.#counters, parts.onStoreError ?? (() => {}));
    this.#cache = new SessionCache({
      entriesMax: config.cacheEntriesMax,
      onEvicted: (entry) => {
        this.#counters.evictions += 1;
        this.#touches.hurry(entry);
      },
    });
    this.#touches = new TouchCalendar({
      store: this.#store,
      touchIntervalMs: config.touchIntervalMs,
      onGone: (key) => this.#reader.forget(key),
      onRevoked: (keys) => this.#refuse(keys),
    });
    this.#reader = new SessionReader({
      store: this.#store,
      cache: this.#cache,
      touches: this.#touches,
      counters: this.#counters,
      clock,
      describe: parts.describe,
      onRevoked: (keys) => this.#refuse(keys),
    });
  }

  /** This worker's cache, for those who count or walk through it. */
  get cached(): Pick<SessionCache, 'size' | 'parts' | 'principalsIn'> {
    return this.#cache;
  }

  /**
   * The session of a token, if this worker knows that it is good; marks it as seen. Undefined is no refusal: ask
   * `resolve`. Nothing is allocated here, and nothing waits.
   */
  peek(token: string, nowMs: number): LiveSession | undefined {
    const entry = this.#cache.byToken(token);
    if (entry === undefined || !entry.seeUnlessExpired(nowMs, this.#idleTimeoutMs)) {
      return undefined;
    }
    entry.flags |= referenced;
    this.#counters.hits += 1;
    return entry;
  }

  /**
   * What a token is worth, if need be by asking the store. At once, and without the store, for what is no token of ours,
   * for a session that ended lately, and for one in the cache.
   */
  resolve(token: string): Resolution | Promise<Resolution> {
    const nowMs = this.#parts.clock.now();
    const entry = this.#cache.byToken(token);
    if (entry !== undefined) return this.#judge(entry, token, nowMs);
    const id = this.#parts.tokens.unseal(token);
    if (id === 'forged' || id === 'malformed') {
      this.#counters.forged += 1;
      return noSession[id];
    }
    const key = sessionKeyOf(id);
    if (this.#cache.isRevoked(key)) return noSession.revoked;
    const known = this.#cache.byKey(key);
    return known === undefined ? this.#load(id, key, token) : this.#judge(known, token, nowMs);
  }

  /**
   * Whether a session that was resolved earlier in this request is still good: to be asked before a request that had to
   * wait, or is tried again, is sent.
   */
  holds(live: LiveSession, nowMs: number): boolean {
    if (!(live instanceof CachedSession) || (live.flags & ended) !== 0) return false;
    // One that left the cache is not told when it ends.
    if ((live.flags & dropped) !== 0 && this.#cache.isRevoked(live.key)) return false;
    return !live.hasExpired(nowMs, this.#idleTimeoutMs);
  }

  /** What `holds` denies, by the newest copy there is, the store's if need be. Does not count as activity. */
  async review(live: LiveSession): Promise<Resolution> {
    const { id } = live.session;
    const key = sessionKeyOf(id);
    if (this.#cache.isRevoked(key)) return noSession.revoked;
    const known = this.#cache.byKey(key);
    if (known !== undefined && this.holds(known, this.#parts.clock.now())) {
      return { kind: 'valid', live: known };
    }
    const answer = await this.#reader.read(id, key);
    if (answer.kind === 'none') return noSession[answer.reason];
    if (answer.kind === 'unavailable') return unavailable;
    if (this.#cache.isRevoked(key)) return noSession.revoked;
    const isOver = !this.holds(answer.entry, this.#parts.clock.now());
    return isOver ? noSession.expired : { kind: 'valid', live: answer.entry };
  }

  /** Once per touch interval and session: the time to renew a cookie, and to call `touch`. */
  isTouchDue(live: LiveSession, nowMs: number): boolean {
    return nowMs - live.lastTouchedAtMs >= this.#touchIntervalMs;
  }

  /** Takes the touch that is due. The store hears of it behind the request. */
  touch(live: LiveSession, nowMs: number): void {
    live.lastTouchedAtMs = nowMs;
    if (live instanceof CachedSession) this.#touches.see(live);
  }

  /** Of `open`: to be taken before a password is checked. */
  revocationNumber(): Promise<RevocationNumberAnswer> {
    return this.#store.revocationNumber();
  }

  /**
   * A new session, with its first token. With an actor it is an impersonation: it ends with the actor's session and never
   * later. `since`: a number from `revocationNumber`; a login that `endAllOf` overtook comes to nothing.
   */
  async open(
    principal: Principal,
    actor: Actor | null,
    since: number | null = null,
  ): Promise<Opening> {
    const id = createSessionId(this.#parts.random ?? randomBytes);
    const key = sessionKeyOf(id);
    const ticket = this.#cache.ticket();
    const creating = this.#store.create({
      key,
      principal,
      actor: actor && {
        subject: actor.subject,
        directory: actor.directory,
        sessionKey: sessionKeyOf(actor.sessionId),
      },
      since,
    });
    const answer = await this.#commits.track(
      creating.then((created) => {
        if (created.kind === 'created') this.#refuse(created.revoked);
        return created;
      }),
    );
    if (answer.kind === 'unavailable') return { kind: 'unavailable', reason: answer.reason };
    if (answer.kind === 'refused') {
      if (answer.reason === 'taken') throw new Error('the same random session id came twice');
      return { kind: 'unavailable', reason: answer.reason };
    }
    const live = this.#reader.enter(ticket, id, answer.session);
    if (live === null) {
      await this.#revoke(key);
      return { kind: 'unavailable', reason: 'overtaken' };
    }
    this.#counters.opened += 1;
    return { kind: 'opened', live, token: this.issueToken(live) };
  }

  /** A further token for the same session; the ones before stay good. */
  issueToken(live: LiveSession): string {
    const token = this.#parts.tokens.seal(live.session.id);
    if (live instanceof CachedSession) this.#cache.bind(live, token);
    return token;
  }

  /**
   * Ends a session and every impersonation opened from it. It is refused here from this call on, also when the store is
   * out; the store is told again until it knows. Ending twice is ending once.
   */
  end(live: LiveSession): Promise<'ended' | 'unavailable'> {
    const key = sessionKeyOf(live.session.id);
    this.#refuse([key]);
    return this.#revoke(key);
  }

  /** Ends all sessions of a user, and the impersonations of and by that user. */
  async endAllOf(directory: string, subject: string): Promise<Ending> {
    const answer = await this.#apply(this.#store.revokeUser(directory, subject));
    if (answer.kind === 'unavailable') return { kind: 'unavailable' };
    return { kind: 'ended', count: answer.count };
  }

  /** Ends those of a user's sessions whose handle is meant, with every impersonation opened from one of them. */
  async endSome(
    directory: string,
    subject: string,
    isMeant: (handle: string) => boolean,
  ): Promise<Ending> {
    const listed = await this.#store.listOf(directory, subject);
    if (listed.kind === 'unavailable') return { kind: 'unavailable' };
    const keys = listed.sessions
      .map(({ key }) => key)
      .filter((key) => isMeant(sessionHandleOf(key)));
    this.#refuse(keys);
    const answer = await this.#store.revoke(keys);
    if (answer.kind === 'unavailable') {
      for (const key of keys) this.#unconfirmed.add(key);
      return { kind: 'unavailable' };
    }
    this.#refuse(answer.keys);
    return { kind: 'ended', count: answer.count };
  }

  async listOf(directory: string, subject: string): Promise<Listing> {
    const answer = await this.#store.listOf(directory, subject);
    if (answer.kind === 'unavailable') return { kind: 'unavailable' };
    const sessions = answer.sessions.map((stored) =>
      listedSession(stored, this.#cache.byKey(stored.key)?.lastSeenAtMs ?? 0),
    );
    return { kind: 'listed', sessions };
  }

  /** How many sessions the store has; NaN while it cannot say. */
  async count(): Promise<number> {
    const answer = await this.#store.count();
    return answer.kind === 'counted' ? answer.count : NaN;
  }

  start(): void {
    if (this.#timers.length > 0) return;
    this.#timers = [
      setInterval(() => void this.flush(), this.#touches.flushIntervalMs).unref(),
      setInterval(() => void this.sweep(), this.#parts.config.sweepIntervalMs).unref(),
    ];
  }

  /** The store has heard everything, if it listens, when this is done. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    await this.#touches.flush(this.#parts.clock.now(), true);
    await this.#confirm();
  }

  /** Tells the store what it has to hear by now. */
  async flush(): Promise<void> {
    await this.#touches.flush(this.#parts.clock.now());
    await this.#confirm();
  }

  /** Removes what has expired, here and in the store. */
  async sweep(): Promise<void> {
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    try {
      const nowMs = this.#parts.clock.now();
      await this.#touches.flush(nowMs);
      await this.#store.sweep();
      this.#counters.expired += await this.#cache.dropExpired(nowMs, this.#idleTimeoutMs);
    } finally {
      this.#isSweeping = false;
    }
  }

  /** Of a session in the cache. One that looks idle may have been seen by another worker: the store is asked. */
  #judge(entry: CachedSession, token: string, nowMs: number): Resolution | Promise<Resolution> {
    if (entry.isOver(nowMs)) {
      this.#reader.forget(entry.key);
      return noSession.expired;
    }
    if (entry.hasExpired(nowMs, this.#idleTimeoutMs)) {
      return this.#load(entry.id, entry.key, token);
    }
    this.#counters.hits += 1;
    return this.#admit(entry, token, nowMs);
  }

  async #load(id: string, key: string, token: string): Promise<Resolution> {
    this.#counters.misses += 1;
    const answer = await this.#reader.read(id, key);
    if (answer.kind === 'none') return noSession[answer.reason];
    if (answer.kind === 'unavailable') return unavailable;
    // Others may have run between the fill and this request: what ended then is not admitted.
    const nowMs = this.#parts.clock.now();
    if (this.#cache.isRevoked(key)) return noSession.revoked;
    if (answer.entry.hasExpired(nowMs, this.#idleTimeoutMs)) return noSession.expired;
    return this.#admit(answer.entry, token, nowMs);
  }

  #admit(entry: CachedSession, token: string, nowMs: number): Resolution {
    entry.see(nowMs);
    entry.flags |= referenced;
    this.#cache.bind(entry, token);
    return { kind: 'valid', live: entry };
  }

  #refuse(keys: readonly string[]): void {
    const fresh = keys.filter((key) => !this.#cache.isRevoked(key));
    this.#cache.revoke(fresh, this.#parts.clock.now());
    this.#counters.revoked += fresh.length;
    if (fresh.length > 0) this.#parts.onRevoked?.(fresh);
  }

  /** No answer is an unknown outcome: it may have ended or not, and it must. */
  async #revoke(key: string): Promise<'ended' | 'unavailable'> {
    const answer = await this.#apply(this.#store.revoke([key]));
    if (answer.kind === 'revoked') return 'ended';
    this.#unconfirmed.add(key);
    return 'unavailable';
  }

  /** What a revocation answers is refused here before anybody is told that it has ended. */
  async #apply(revoking: Promise<RevokeAnswer>): Promise<RevokeAnswer> {
    const answer = await this.#commits.track(
      revoking.then((revoked) => {
        if (revoked.kind === 'revoked') this.#refuse(revoked.keys);
        return revoked;
      }),
    );
    await this.#commits.settled();
    return answer;
  }

  async #confirm(): Promise<void> {
    if (this.#unconfirmed.size === 0) return;
    const keys = [...this.#unconfirmed];
    const answer = await this.#apply(this.#store.revoke(keys));
    if (answer.kind === 'unavailable') return;
    for (const key of keys) this.#unconfirmed.delete(key);
  }
}
