import type { Clock } from '../lib/clock.ts';
import type { SessionTokens } from '../tokens/session-token.ts';
import { CachedSession, dropped, ended, referenced } from './cached-session.ts';
import type { Coherence } from './coherence.ts';
import type { Lease } from './lease.ts';
import type { LiveSession } from './live-session.ts';
import type { Resolution } from './resolution.ts';
import type { SessionCache } from './session-cache.ts';
import type { SessionCounters } from './session-counters.ts';
import { noSession, unavailable, type SessionReader } from './session-reader.ts';
import { sessionKeyOf } from './session.ts';

/** Reads by one request until the store is called unavailable. */
const readsPerRequestMax = 3;

export interface SessionJudgeParts {
  readonly cache: SessionCache;
  readonly reader: SessionReader;
  readonly tokens: SessionTokens;
  readonly counters: SessionCounters;
  readonly clock: Clock;
  readonly coherence: Coherence;
  readonly idleTimeoutMs: number;
}

/**
 * What may authorise a request. Never an id that is known to be revoked, never a session past a deadline; else one of
 * - a copy in the cache, while there is a lease: the one poll is waited for if it has run out;
 * - a read of the store that was sent after the request began;
 * - a read that was sent before, only while there is a lease.
 * The clocks are read anew for every decision.
 */
export class SessionJudge {
  readonly #cache: SessionCache;
  readonly #reader: SessionReader;
  readonly #tokens: SessionTokens;
  readonly #counters: SessionCounters;
  readonly #clock: Clock;
  readonly #coherence: Coherence;
  readonly #lease: Lease;
  readonly #idleTimeoutMs: number;

  constructor(parts: SessionJudgeParts) {
    this.#cache = parts.cache;
    this.#reader = parts.reader;
    this.#tokens = parts.tokens;
    this.#counters = parts.counters;
    this.#clock = parts.clock;
    this.#coherence = parts.coherence;
    this.#lease = parts.coherence.lease;
    this.#idleTimeoutMs = parts.idleTimeoutMs;
  }

  peek(token: string, nowMs: number): LiveSession | undefined {
    const entry = this.#cache.byToken(token);
    if (
      entry === undefined ||
      !this.#lease.covers(this.#clock.monotonic(), nowMs) ||
      !entry.seeUnlessExpired(nowMs, this.#idleTimeoutMs)
    ) {
      return undefined;
    }
    entry.flags |= referenced;
    this.#counters.hits += 1;
    return entry;
  }

  resolve(token: string): Resolution | Promise<Resolution> {
    const entry = this.#cache.byToken(token);
    if (entry !== undefined) return this.#weigh(entry, token);
    const id = this.#tokens.unseal(token);
    if (id === 'forged' || id === 'malformed') {
      this.#counters.forged += 1;
      return noSession[id];
    }
    const key = sessionKeyOf(id);
    if (this.#cache.isRevoked(key)) return noSession.revoked;
    const known = this.#cache.byKey(key);
    return known === undefined ? this.#load(id, key, token) : this.#weigh(known, token);
  }

  holds(live: LiveSession, nowMs: number): boolean {
    return (
      live instanceof CachedSession &&
      (live.flags & (ended | dropped)) === 0 &&
      this.#lease.covers(this.#clock.monotonic(), nowMs) &&
      !live.hasExpired(nowMs, this.#idleTimeoutMs)
    );
  }

  /** A copy, also if nobody could say for so long whether it has ended. For those who would rather err. */
  stale(token: string, maxMs: number): LiveSession | undefined {
    let entry = this.#cache.byToken(token);
    if (entry === undefined) {
      const id = this.#tokens.open(token);
      if (id !== null) entry = this.#cache.byKey(sessionKeyOf(id));
    }
    if (entry === undefined || !this.holdsStale(entry, maxMs)) return undefined;
    this.#counters.stale += 1;
    return entry;
  }

  holdsStale(live: LiveSession, maxMs: number): boolean {
    const nowMs = this.#clock.now();
    return (
      live instanceof CachedSession &&
      (live.flags & (ended | dropped)) === 0 &&
      this.#lease.endedForMs(this.#clock.monotonic(), nowMs) < maxMs &&
      !live.hasExpired(nowMs, this.#idleTimeoutMs)
    );
  }

  async look(token: string): Promise<Resolution> {
    const id = this.#tokens.unseal(token);
    if (id === 'forged' || id === 'malformed') {
      this.#counters.forged += 1;
      return noSession[id];
    }
    return await this.#review(id);
  }

  review(live: LiveSession): Promise<Resolution> {
    return this.#review(live.session.id);
  }

  async #review(id: string): Promise<Resolution> {
    const key = sessionKeyOf(id);
    if (this.#cache.isRevoked(key)) return noSession.revoked;
    const known = this.#cache.byKey(key);
    if (known !== undefined && this.holds(known, this.#clock.now())) {
      return { kind: 'valid', live: known };
    }
    return this.#read(id, key);
  }

  /** Of a session in the cache. One that looks idle may have been seen by another worker: the store is asked. */
  #weigh(entry: CachedSession, token: string): Resolution | Promise<Resolution> {
    const nowMs = this.#clock.now();
    // First: where the wall clock was set forward, it is the lease that ended, and the session only seems to have.
    if (!this.#lease.covers(this.#clock.monotonic(), nowMs)) {
      return this.#weighLater(entry.id, entry.key, token);
    }
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

  /** All requests wait for the one poll: no read for each session. */
  async #weighLater(id: string, key: string, token: string): Promise<Resolution> {
    if (!(await this.#coherence.renewal())) return unavailable;
    if (this.#cache.isRevoked(key)) return noSession.revoked;
    const entry = this.#cache.byKey(key);
    const nowMs = this.#clock.now();
    if (entry === undefined || !this.holds(entry, nowMs)) return this.#load(id, key, token);
    this.#counters.hits += 1;
    return this.#admit(entry, token, nowMs);
  }

  async #load(id: string, key: string, token: string): Promise<Resolution> {
    this.#counters.misses += 1;
    const resolution = await this.#read(id, key);
    if (resolution.kind === 'valid' && resolution.live instanceof CachedSession) {
      return this.#admit(resolution.live, token, this.#clock.now());
    }
    return resolution;
  }

  /**
   * By a read of the store that was sent after this call; one that was sent before is good enough only while there is a
   * lease, or a request that comes after a logout was answered would ride on a read from before it.
   */
  async #read(id: string, key: string): Promise<Resolution> {
    if (!this.#coherence.mayRead && !(await this.#coherence.renewal())) return unavailable;
    const before = this.#reader.latest;
    for (let reads = 0; reads < readsPerRequestMax; reads += 1) {
      const answer = await this.#reader.read(id, key);
      if (answer.kind === 'none') return noSession[answer.reason];
      if (answer.kind === 'unavailable') return unavailable;
      // Others may have run between the fill and this request: what ended then is not admitted.
      if (this.#cache.isRevoked(key)) return noSession.revoked;
      if (!this.#cache.isSure(answer.mark.ticket)) continue;
      const nowMs = this.#clock.now();
      const isOwn = answer.mark.number > before;
      if (!this.#reader.isFresh(answer.mark)) continue;
      if (!isOwn && !this.#lease.covers(this.#clock.monotonic(), nowMs)) continue;
      const { entry } = answer;
      if (entry.hasExpired(nowMs, this.#idleTimeoutMs)) return noSession.expired;
      return { kind: 'valid', live: entry };
    }
    return unavailable;
  }

  #admit(entry: CachedSession, token: string, nowMs: number): Resolution {
    entry.see(nowMs);
    entry.flags |= referenced;
    this.#cache.bind(entry, token);
    return { kind: 'valid', live: entry };
  }
}
