import { inspect } from 'node:util';
import type { Principal } from '../identity/principal.ts';
import type { LiveSession } from './live-session.ts';
import { sessionHandleOf, sessionKeyOf } from './session.ts';
import type { ActorRecord, Session } from './session.ts';
import type { StoredSession } from './session-store.ts';
import { compact, SessionTimes } from './session-times.ts';

/** A hit since the hand of the clock went by. */
export const referenced = 1;
/** The touch calendar has it and will tell the store when it was last seen. */
export const scheduled = 2;
/** No longer in the cache: dropped for space, expired, or replaced by a newer version. */
export const dropped = 4;
/** No longer in the cache, and never again. */
export const ended = 8;

/** More than the browsers of one cookie jar have in flight; a token dropped here is opened again when it comes. */
const tokensMax = 4;

/**
 * A session in the cache. It is its own `session`: one object instead of two, because there may be a million of them and
 * the check of a request reads a random one. For the same reason flags are bits of one number, and what the check reads
 * comes first.
 */
export class CachedSession extends SessionTimes implements LiveSession, Session {
  flags = referenced;
  /** The newest token; a session is in the cache under each of its tokens. */
  token = '';
  /** Newest first; null as long as there is one token only. */
  olderTokens: string[] | null = null;
  readonly id: string;
  readonly principal: Principal;
  readonly actor: ActorRecord | null;
  readonly version: number;
  identityFields = '';
  #touchedOffsetMs = 0;

  constructor(id: string, stored: StoredSession) {
    super(stored.createdAtMs, stored.absoluteDeadlineMs, stored.lastSeenAtMs);
    this.id = id;
    this.principal = stored.principal;
    this.actor = stored.actor;
    this.version = stored.version;
    this.#touchedOffsetMs = compact(stored.lastSeenAtMs - this.baseMs);
  }

  get session(): Session {
    return this;
  }

  get handle(): string {
    return sessionHandleOf(this.key);
  }

  /** Hashed at each call: only misses, touches and endings ask, and it would be 48 bytes. */
  get key(): string {
    return sessionKeyOf(this.id);
  }

  get lastTouchedAtMs(): number {
    return this.baseMs + this.#touchedOffsetMs;
  }

  set lastTouchedAtMs(atMs: number) {
    this.#touchedOffsetMs = compact(atMs - this.baseMs);
  }

  has(token: string): boolean {
    return this.token === token || (this.olderTokens !== null && this.olderTokens.includes(token));
  }

  /** Gives back the token that had to make room. */
  addToken(token: string): string | null {
    const previous = this.token;
    this.token = token;
    if (previous === '') return null;
    this.olderTokens ??= [];
    this.olderTokens.unshift(previous);
    return this.olderTokens.length < tokensMax ? null : (this.olderTokens.pop() ?? null);
  }

  /** For logs and errors, should one get there: id and tokens let anybody in. */
  toJSON(): object {
    return { handle: this.handle };
  }

  [inspect.custom](): string {
    return `[session ${this.handle}]`;
  }

  tokens(): string[] {
    if (this.token === '') return [];
    return [this.token, ...(this.olderTokens ?? [])];
  }
}
