import type { SessionsConfig } from '../config/sessions.ts';
import type { Principal } from '../identity/principal.ts';
import type { Clock } from '../lib/clock.ts';
import type { SessionTokens } from '../tokens/session-token.ts';
import { CachedSession } from './cached-session.ts';
import type { Coherence } from './coherence.ts';
import type { Ending, UserEnding } from './ending.ts';
import { EndsOfEverybody } from './ends-of-everybody.ts';
import { GuardedStore } from './guarded-store.ts';
import { listedSession, type Listing } from './listing.ts';
import type { LiveSession } from './live-session.ts';
import type { LogEntry } from './log-entry.ts';
import { loneCoherence } from './lone-coherence.ts';
import type { Opening } from './opening.ts';
import type { Replica } from './replica.ts';
import type { Resolution } from './resolution.ts';
import { SessionCache } from './session-cache.ts';
import { createSessionCounters, type SessionCounters } from './session-counters.ts';
import { SessionEndings } from './session-endings.ts';
import type { ListAnswer, RevocationNumberAnswer, SessionStore } from './session-store.ts';
import { sessionKeyOf, type Actor, type Session } from './session.ts';
import { SessionJudge } from './session-judge.ts';
import { SessionOpenings } from './session-openings.ts';
import { SessionReader } from './session-reader.ts';
import { SessionUpkeep } from './session-upkeep.ts';
import { TouchCalendar } from './touch-calendar.ts';

export interface SessionsParts {
  readonly config: SessionsConfig;
  readonly store: SessionStore;
  readonly tokens: SessionTokens;
  readonly clock: Clock;
  /** Where nobody else knows the store: none. */
  readonly coherence?: Coherence;
  /** What upstreams are told about a session. Called when a session enters the cache, not for each request. */
  readonly describe: (session: Session) => string;
  readonly random?: (bytes: number) => Buffer;
  /** An error that a store let through; what was asked is then unavailable. */
  readonly onStoreError?: (error: unknown) => void;
  /** Told the keys of sessions that ended on purpose, in the turn in which they are refused here. */
  readonly onRevoked?: (keys: readonly string[]) => void;
  /** The same of every session that there was. */
  readonly onAllRevoked?: () => void;
}

/** As long as revocations of single sessions are remembered. */
const everybodyKeepMs = 10 * 60_000;

/**
 * The sessions, as everybody else sees them: a cache in this worker's memory in front of the store. Every answer is
 * one of three: valid, none, unavailable; an outage is never *no*.
 *
 * `peek` is asked for each request and answers most of them; whoever gets nothing from it asks `resolve`. All times that
 * are passed in are `clock.now()`, read anew for each decision.
 */
export class Sessions implements Replica {
  readonly counters: Readonly<SessionCounters>;
  readonly #counters: SessionCounters = createSessionCounters();
  readonly #parts: SessionsParts;
  readonly #store: SessionStore;
  readonly #cache: SessionCache;
  readonly #touches: TouchCalendar;
  readonly #reader: SessionReader;
  readonly #endings: SessionEndings;
  readonly #openings: SessionOpenings;
  readonly #upkeep: SessionUpkeep;
  readonly #coherence: Coherence;
  readonly #judge: SessionJudge;
  readonly #clock: Clock;
  readonly #touchIntervalMs: number;
  readonly #endsOfEverybody = new EndsOfEverybody();

  constructor(parts: SessionsParts) {
    const { config, clock } = parts;
    const coherence = parts.coherence ?? loneCoherence(clock);
    this.#parts = parts;
    this.#clock = clock;
    this.#coherence = coherence;
    this.counters = this.#counters;
    this.#touchIntervalMs = config.touchIntervalMs;
    const onFailure = parts.onStoreError ?? (() => {});
    this.#store = new GuardedStore(parts.store, this.#counters, clock, onFailure);
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
      coherence,
      describe: parts.describe,
      onRevoked: (keys) => this.#refuse(keys),
    });
    this.#judge = new SessionJudge({
      cache: this.#cache,
      reader: this.#reader,
      tokens: parts.tokens,
      counters: this.#counters,
      clock,
      coherence,
      idleTimeoutMs: config.idleTimeoutMs,
    });
    this.#endings = new SessionEndings({
      store: this.#store,
      coherence,
      refuse: (keys) => this.#refuse(keys),
      refuseAll: (entries) => {
        if (entries.length === 0) this.#refuseAll();
        for (const entry of entries) this.apply(entry);
      },
    });
    this.#openings = new SessionOpenings({
      store: this.#store,
      reader: this.#reader,
      endings: this.#endings,
      random: parts.random,
      refuse: (keys) => this.#refuse(keys),
    });
    this.#upkeep = new SessionUpkeep({
      config,
      store: this.#store,
      cache: this.#cache,
      touches: this.#touches,
      endings: this.#endings,
      coherence,
      counters: this.#counters,
      clock,
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
    return this.#judge.peek(token, nowMs);
  }

  /**
   * What a token is worth, if need be by asking the store. At once, and without the store, for what is no token of ours,
   * for a session that ended lately, and for one in the cache while there is a lease.
   */
  resolve(token: string): Resolution | Promise<Resolution> {
    return this.#judge.resolve(token);
  }

  /**
   * Whether a session that was resolved earlier in this request is still known to be good: to be asked before a request
   * that had to wait, or is tried again, is sent. False is no refusal: one that left the cache is not told when it ends.
   */
  holds(live: LiveSession, nowMs: number): boolean {
    return this.#judge.holds(live, nowMs);
  }

  /** What `holds` denies, by the newest copy there is, the store's if need be. Does not count as activity. */
  review(live: LiveSession): Promise<Resolution> {
    return this.#judge.review(live);
  }

  /** What a token is worth, for somebody who only looks on: does not count as activity. */
  look(token: string): Promise<Resolution> {
    return this.#judge.look(token);
  }

  /**
   * While the store cannot be asked: a session that this worker knows, although nobody could say for `maxMs` at most whether
   * it has ended. Never one that is known to have.
   */
  stale(token: string, maxMs: number): LiveSession | undefined {
    return this.#judge.stale(token, maxMs);
  }

  /** Whether `stale` would still let it in. */
  holdsStale(live: LiveSession, maxMs: number): boolean {
    return this.#judge.holdsStale(live, maxMs);
  }

  /** For how long this worker has not known whether sessions have ended; 0 or less: it knows. */
  unknownForMs(): number {
    const { lease } = this.#coherence;
    const nowMs = this.#clock.monotonic();
    return lease.covers(nowMs, this.#clock.now()) ? 0 : lease.overForMs(nowMs);
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
    const live = await this.#openings.open(principal, actor, since);
    if (typeof live === 'string') return { kind: 'unavailable', reason: live };
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
    return this.#endings.end(sessionKeyOf(live.session.id));
  }

  /** Of a token whose session has ended: `ended` when it is known to have ended everywhere, and not before. */
  async confirmEnd(token: string): Promise<'ended' | 'unavailable'> {
    const id = this.#parts.tokens.unseal(token);
    if (id === 'forged' || id === 'malformed') return 'ended'; // it opens nothing anywhere
    return await this.#endings.confirmEnd(sessionKeyOf(id));
  }

  /**
   * Ends all sessions of a user, and the impersonations of and by that user. Nothing is done for a caller whose own
   * session the store knows to be over.
   */
  endAllOf(
    directory: string,
    subject: string,
    caller: LiveSession | null = null,
  ): Promise<UserEnding> {
    const key = caller === null ? null : sessionKeyOf(caller.session.id);
    return this.#endings.endAllOf(directory, subject, key);
  }

  /** Ends those of a user's sessions whose handle is meant, with every impersonation opened from one of them. */
  endSome(
    directory: string,
    subject: string,
    isMeant: (handle: string) => boolean,
  ): Promise<Ending> {
    return this.#endings.endSome(directory, subject, isMeant);
  }

  /** Ends every session of everybody. Who logs in afterwards is let in. */
  endEverybody(): Promise<Ending> {
    return this.#endings.endEverybody();
  }

  async listOf(directory: string, subject: string): Promise<Listing> {
    return this.#listed(await this.#store.listOf(directory, subject));
  }

  /** Of everybody, those that were seen last first. */
  async page(skip: number, count: number): Promise<Listing> {
    return this.#listed(await this.#store.page(skip, count));
  }

  #listed(answer: ListAnswer): Listing {
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
    this.#upkeep.start();
  }

  /** The store has heard everything, if it listens, when this is done. */
  stop(): Promise<void> {
    return this.#upkeep.stop();
  }

  /** Tells the store what it has to hear by now. */
  flush(): Promise<void> {
    return this.#upkeep.flush();
  }

  /** Removes what has expired, here and in the store. */
  sweep(): Promise<void> {
    return this.#upkeep.sweep();
  }

  // ── what the log says ──────────────────────────────────────────────────────────────────────────────────────────────

  apply(entry: LogEntry): void {
    switch (entry.kind) {
      case 'revoked':
        this.#refuse(entry.ids);
        break;
      case 'all':
        if (this.#endsOfEverybody.add(entry, this.#coherence.coherentMs())) this.#refuseAll();
        break;
      case 'entry':
        break;
    }
  }

  jump(): void {
    this.#cache.clear();
  }

  revokedLately(): readonly string[] {
    return this.#cache.revokedKeys();
  }

  /** Tells a store that has lost its latest revocations of some that this worker remembers. */
  async remind(keys: readonly string[]): Promise<'reminded' | 'unavailable'> {
    const lost = this.#endsOfEverybody.since(this.#coherence.coherentMs() - everybodyKeepMs);
    if (lost !== null && (await this.#endings.endEverybody(lost)).kind === 'unavailable') {
      return 'unavailable';
    }
    return await this.#endings.remind(keys);
  }

  #refuseAll(): void {
    this.#cache.clear();
    this.#parts.onAllRevoked?.();
  }

  #refuse(keys: readonly string[]): void {
    const fresh = keys.filter((key) => !this.#cache.isRevoked(key));
    this.#cache.revoke(fresh, this.#coherence.coherentMs());
    this.#counters.revoked += fresh.length;
    if (fresh.length > 0) this.#parts.onRevoked?.(fresh);
  }
}
