import type { Clock } from '../lib/clock.ts';
import type { CachedSession } from './cached-session.ts';
import type { Coherence } from './coherence.ts';
import type { NoSession, Resolution } from './resolution.ts';
import type { SessionCache } from './session-cache.ts';
import type { SessionCounters } from './session-counters.ts';
import type { ReadAnswer, SessionStore, StoredSession } from './session-store.ts';
import type { Session } from './session.ts';
import type { TouchCalendar } from './touch-calendar.ts';

/** Reads of one session until the store is called unavailable, when revocations come too fast to be remembered. */
const readsMax = 3;

export const noSession: Readonly<Record<NoSession, Resolution>> = Object.freeze({
  malformed: Object.freeze({ kind: 'none', reason: 'malformed' }),
  forged: Object.freeze({ kind: 'none', reason: 'forged' }),
  unknown: Object.freeze({ kind: 'none', reason: 'unknown' }),
  expired: Object.freeze({ kind: 'none', reason: 'expired' }),
  revoked: Object.freeze({ kind: 'none', reason: 'revoked' }),
});

export const unavailable: Resolution = Object.freeze({ kind: 'unavailable' });

/** When a question was sent, read before it was: an answer is as old as that. */
export interface ReadMark {
  /** Of all reads of this worker. */
  readonly number: number;
  readonly generation: number;
  readonly sentAtMs: number;
  readonly sentAtWallMs: number;
  /** Of the memory of revocations. */
  readonly ticket: number;
}

export type Reading =
  | { readonly kind: 'live'; readonly entry: CachedSession; readonly mark: ReadMark }
  | { readonly kind: 'none'; readonly reason: 'unknown' | 'expired' | 'revoked' }
  | { readonly kind: 'unavailable' };

export interface SessionReaderParts {
  readonly store: Pick<SessionStore, 'read'>;
  readonly cache: SessionCache;
  readonly touches: TouchCalendar;
  readonly counters: SessionCounters;
  readonly clock: Clock;
  readonly coherence: Coherence;
  readonly describe: (session: Session) => string;
  readonly onRevoked: (keys: readonly string[]) => void;
}

/** Brings sessions from the store into the cache, one read per session at a time. */
export class SessionReader {
  readonly #parts: SessionReaderParts;
  readonly #underWay = new Map<string, Promise<Reading>>();
  #latest = 0;

  constructor(parts: SessionReaderParts) {
    this.#parts = parts;
  }

  /** The number of the latest read: one with a higher number was sent after this moment. */
  get latest(): number {
    return this.#latest;
  }

  /** Whoever asks while the session is being read gets the same answer. Nothing negative is kept. */
  read(id: string, key: string): Promise<Reading> {
    const known = this.#underWay.get(key);
    if (known !== undefined) return known;
    const reading = this.#read(id, key).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, reading);
    return reading;
  }

  /** To be taken before the store is asked. */
  mark(): ReadMark {
    const { cache, clock, coherence } = this.#parts;
    this.#latest += 1;
    return {
      number: this.#latest,
      generation: coherence.generation,
      sentAtMs: clock.monotonic(),
      sentAtWallMs: clock.now(),
      ticket: cache.ticket(),
    };
  }

  /** Whether what was answered to a question of then says anything about now. */
  isFresh({ generation, sentAtMs, sentAtWallMs }: ReadMark): boolean {
    const { clock, coherence } = this.#parts;
    return (
      coherence.mayRead &&
      coherence.generation === generation &&
      clock.monotonic() - sentAtMs < coherence.freshMs &&
      clock.now() - sentAtWallMs < coherence.freshMs
    );
  }

  /** A fill with what the store said; null if the session ended meanwhile, or might have. */
  enter(mark: ReadMark, id: string, stored: StoredSession): CachedSession | null {
    const { cache, clock, touches } = this.#parts;
    if (!this.isFresh(mark)) return null;
    const fill = cache.fill(mark.ticket, id, stored, this.#parts.describe);
    if (fill.kind !== 'filled') return null;
    touches.schedule(fill.entry, stored.lastSeenAtMs, clock.now());
    return fill.entry;
  }

  /** The store has no such session any more. */
  forget(key: string): void {
    const entry = this.#parts.cache.byKey(key);
    if (entry === undefined) return;
    this.#parts.cache.drop(entry);
    this.#parts.counters.expired += 1;
  }

  async #read(id: string, key: string): Promise<Reading> {
    const { cache, clock, counters, touches } = this.#parts;
    let mayBeBehind = true;
    for (let reads = 0; reads < readsMax; reads += 1) {
      const mark = this.mark();
      const isBehind = mayBeBehind && touches.isBehind;
      const answer = await this.#ask(key);
      if (answer.kind === 'unavailable') return { kind: 'unavailable' };
      if (answer.kind === 'live') {
        const entry = this.enter(mark, id, answer.session);
        if (entry !== null) {
          counters.fills += 1;
          return { kind: 'live', entry, mark };
        }
        if (cache.isRevoked(key)) return { kind: 'none', reason: 'revoked' };
        continue;
      }
      if (answer.reason === 'expired' && isBehind) {
        // It may have been seen here and left the cache before the store was told.
        mayBeBehind = false;
        await touches.flush(clock.now());
        continue;
      }
      if (answer.reason === 'revoked') this.#parts.onRevoked([key]);
      else this.forget(key);
      return answer;
    }
    return { kind: 'unavailable' };
  }

  /** A store that may have lost something is not believed, whatever it says. */
  async #ask(key: string): Promise<ReadAnswer> {
    const { coherence, store } = this.#parts;
    if (!coherence.mayRead) return { kind: 'unavailable', reason: 'silent' };
    const answer = await store.read(key);
    return coherence.mayRead ? answer : { kind: 'unavailable', reason: 'silent' };
  }
}
