import { setImmediate as nextTurn } from 'node:timers/promises';
import { flatString } from '../lib/flat-string.ts';
import type { Principal } from '../identity/principal.ts';
import { CachedSession, dropped, ended, referenced } from './cached-session.ts';
import { EntryTable, entryTableSegments } from './entry-table.ts';
import { RecentRevocations } from './recent-revocations.ts';
import type { StoredSession } from './session-store.ts';

/** A read of the store that began before a revocation takes no longer. */
const revocationsKeepMs = 10 * 60_000;
const revocationsMax = 200_000;
/** The longest walk for one eviction; where every session is in use, the next one goes. */
const evictionStepsMax = 64;

export interface SessionCacheParts {
  readonly entriesMax: number;
  /** Told of an entry that had to make room, before it is forgotten. */
  readonly onEvicted: (entry: CachedSession) => void;
}

/**
 * What a fill came to. `revoked`: the session ended while the store was read. `unsure`: so much has been revoked
 * meanwhile that nobody remembers whether this one was; to be read again.
 */
export type Fill =
  | { readonly kind: 'filled'; readonly entry: CachedSession }
  | { readonly kind: 'revoked' | 'unsure' };

/**
 * This worker's bounded copy of the sessions, found by token and by session key. Only fills go in, each with a ticket
 * taken before its read; only genuine tokens are bound. What was revoked is gone with all its tokens in the same turn,
 * and a fill that comes late finds the revocation.
 *
 * For space it evicts by second chance (CLOCK): a hit sets a bit, a hand goes round, clears it, and takes the first entry
 * that nobody asked for since its last round. A hit moves nothing.
 */
export class SessionCache {
  /** Into how many parts it falls, for those who walk through it. */
  readonly parts = entryTableSegments;
  readonly #parts: SessionCacheParts;
  readonly #tokens = new EntryTable();
  readonly #keys = new EntryTable();
  /** Impersonations by the key of the session that they were opened from. */
  readonly #openedFrom = new Map<string, Set<CachedSession>>();
  readonly #revocations = new RecentRevocations({
    keepMs: revocationsKeepMs,
    keysMax: revocationsMax,
  });
  #handSegment = 0;
  #handSlot = 0;

  constructor(parts: SessionCacheParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#keys.size;
  }

  byToken(token: string): CachedSession | undefined {
    return this.#tokens.findByToken(token);
  }

  byKey(key: string): CachedSession | undefined {
    return this.#keys.findByKey(key);
  }

  isRevoked(key: string): boolean {
    return this.#revocations.has(key);
  }

  /** To be taken before the store is asked. */
  ticket(): number {
    return this.#revocations.number;
  }

  /** Whether what has ended since that ticket is known one by one. */
  isSure(ticket: number): boolean {
    return this.#revocations.covers(ticket);
  }

  /** `describe` is only asked where there is no copy of this version yet. */
  fill(
    ticket: number,
    id: string,
    stored: StoredSession,
    describe: (entry: CachedSession) => string,
  ): Fill {
    if (this.#revocations.has(stored.key)) return { kind: 'revoked' };
    if (!this.#revocations.covers(ticket)) return { kind: 'unsure' };
    const known = this.#keys.findByKey(stored.key);
    if (known !== undefined && known.version >= stored.version) {
      known.see(stored.lastSeenAtMs);
      return { kind: 'filled', entry: known };
    }
    const entry = new CachedSession(id, stored);
    entry.identityFields = flatString(describe(entry));
    if (known === undefined) {
      this.#makeRoom();
      this.#add(entry);
    } else {
      this.#replace(known, entry);
    }
    return { kind: 'filled', entry };
  }

  /** The token is one that this session was opened with: the next request with it is a hit. */
  bind(entry: CachedSession, token: string): void {
    if ((entry.flags & (dropped | ended)) !== 0 || entry.has(token)) return;
    const own = flatString(token);
    const surplus = entry.addToken(own);
    if (surplus !== null) this.#tokens.delete(surplus, entry);
    this.#tokens.add(own, entry);
  }

  /** For any reason but revocation: the next request reads the store. */
  drop(entry: CachedSession): void {
    if ((entry.flags & (dropped | ended)) !== 0) return;
    this.#remove(entry);
    entry.flags |= dropped;
  }

  /**
   * In the turn of this call the keys are refused, whatever is under way, and so are the impersonations opened from
   * them, as far as they are known here.
   */
  revoke(keys: readonly string[], coherentMs: number): void {
    for (const key of keys) {
      this.#revocations.add(key, coherentMs);
      const entry = this.#keys.findByKey(key);
      if (entry !== undefined) {
        this.#remove(entry);
        entry.flags |= ended;
      }
      const opened = this.#openedFrom.get(key);
      if (opened !== undefined)
        this.revoke(
          [...opened].map((one) => one.key),
          coherentMs,
        );
    }
  }

  /** Drops every copy; what was revoked stays so. */
  clear(): void {
    this.#revocations.doubt();
    for (let segment = 0; segment < entryTableSegments; segment += 1) {
      for (const entry of [...this.#keys.entriesOf(segment)]) {
        if (entry !== undefined) this.drop(entry);
      }
    }
  }

  /** What was revoked lately, for a store that forgot it. */
  revokedKeys(): string[] {
    return this.#revocations.keys();
  }

  /** Lets go of revocations that are old enough. */
  age(coherentMs: number): void {
    this.#revocations.age(coherentMs);
  }

  /** Drops what has expired, as far as this worker knows; returns how many. Lets requests through between segments. */
  async dropExpired(nowMs: number, idleTimeoutMs: number): Promise<number> {
    let count = 0;
    for (let segment = 0; segment < entryTableSegments; segment += 1) {
      // A removal moves the others about: the segment is read before anything is removed.
      const expired = this.#keys
        .entriesOf(segment)
        .filter((entry) => entry !== undefined && entry.hasExpired(nowMs, idleTimeoutMs));
      for (const entry of expired) if (entry !== undefined) this.drop(entry);
      count += expired.length;
      if (this.#keys.size > entryTableSegments * 8 && segment % 8 === 7) await nextTurn();
    }
    return count;
  }

  /** Whose sessions are in one of the parts. */
  principalsIn(segment: number): Principal[] {
    return this.#keys.entriesOf(segment).flatMap((entry) => entry?.principal ?? []);
  }

  #add(entry: CachedSession): void {
    this.#keys.add(entry.key, entry);
    if (entry.actor === null) return;
    const opened = this.#openedFrom.get(entry.actor.sessionKey);
    if (opened === undefined) this.#openedFrom.set(entry.actor.sessionKey, new Set([entry]));
    else opened.add(entry);
  }

  #replace(known: CachedSession, entry: CachedSession): void {
    const tokens = known.tokens();
    this.drop(known);
    entry.see(known.lastSeenAtMs);
    this.#add(entry);
    for (const token of tokens.toReversed()) this.bind(entry, token);
  }

  #remove(entry: CachedSession): void {
    for (const token of entry.tokens()) this.#tokens.delete(token, entry);
    this.#keys.delete(entry.key, entry);
    if (entry.actor === null) return;
    const opened = this.#openedFrom.get(entry.actor.sessionKey);
    opened?.delete(entry);
    if (opened?.size === 0) this.#openedFrom.delete(entry.actor.sessionKey);
  }

  #makeRoom(): void {
    while (this.#keys.size >= this.#parts.entriesMax) {
      const entry = this.#victim();
      this.drop(entry);
      this.#parts.onEvicted(entry);
    }
  }

  /** There is at least one entry. */
  #victim(): CachedSession {
    let victim = this.#next();
    for (let step = 1; step < evictionStepsMax && (victim.flags & referenced) !== 0; step += 1) {
      victim.flags &= ~referenced;
      victim = this.#next();
    }
    return victim;
  }

  #next(): CachedSession {
    for (;;) {
      const entries = this.#keys.entriesOf(this.#handSegment);
      while (this.#handSlot < entries.length) {
        const entry = entries[this.#handSlot];
        this.#handSlot += 1;
        if (entry !== undefined) return entry;
      }
      this.#handSlot = 0;
      this.#handSegment = (this.#handSegment + 1) % entryTableSegments;
    }
  }
}
