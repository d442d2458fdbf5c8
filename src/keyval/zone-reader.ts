import type { Clock } from '../lib/clock.ts';
import type { Coherence } from '../session/coherence.ts';
import type { ZoneCopies } from './zone-copies.ts';
import type { ZoneCopy } from './zone-copy.ts';
import type { ZoneStore } from './zone-store.ts';

/** Questions to the store by one request until it is called unavailable, when changes come too fast. */
const readsMax = 4;

export interface ZoneReaderParts {
  readonly zone: string;
  readonly copies: ZoneCopies;
  readonly store: Pick<ZoneStore, 'read'>;
  readonly coherence: Coherence;
  readonly clock: Clock;
}

/** When a question was sent, read before it was: an answer is as old as that. */
export interface ZoneMark {
  readonly number: number;
  readonly generation: number;
  readonly sentAtMs: number;
  readonly sentAtWallMs: number;
}

export type ZoneReading =
  | { readonly kind: 'found'; readonly copy: ZoneCopy }
  | { readonly kind: 'none' }
  | { readonly kind: 'unavailable' };

interface Flight {
  readonly mark: ZoneMark;
  /** `void`: the entry was changed while it was being read, or may have been. */
  readonly reading: Promise<ZoneReading | { readonly kind: 'void' }>;
}

/** Brings entries of one zone from the store, one question per key at a time. By the rules for sessions: `SessionJudge`. */
export class ZoneReader {
  readonly #parts: ZoneReaderParts;
  readonly #flights = new Map<string, Flight>();
  #latest = 0;

  constructor(parts: ZoneReaderParts) {
    this.#parts = parts;
  }

  /** `isNewWanted`: neither a copy nor a question that is under way will do. */
  async read(key: string, isNewWanted = false): Promise<ZoneReading> {
    const { clock, coherence, copies } = this.#parts;
    const isLeased = (): boolean => coherence.lease.covers(clock.monotonic(), clock.now());
    if ((!coherence.mayRead || !isLeased()) && !(await coherence.renewal())) {
      if (!coherence.mayRead) return { kind: 'unavailable' };
    }
    const copy = copies.get(key);
    if (!isNewWanted && copy !== undefined && isLeased() && copy.endsAtMs > clock.now()) {
      return { kind: 'found', copy };
    }
    const before = this.#latest;
    for (let reads = 0; reads < readsMax; reads += 1) {
      const { mark, reading } = this.#flight(key);
      const answer = await reading;
      if (answer.kind === 'unavailable') return answer;
      if (answer.kind === 'void' || !this.isFresh(mark)) continue;
      // A question from before this request proves nothing about now, but for the lease.
      if (mark.number <= before && (isNewWanted || !isLeased())) continue;
      if (answer.kind === 'found' && answer.copy.isDropped) continue;
      return answer;
    }
    return { kind: 'unavailable' };
  }

  /** To be taken before the store is asked. */
  mark(): ZoneMark {
    const { clock, coherence } = this.#parts;
    this.#latest += 1;
    return {
      number: this.#latest,
      generation: coherence.generation,
      sentAtMs: clock.monotonic(),
      sentAtWallMs: clock.now(),
    };
  }

  /** Whether what was answered to a question of then says anything about now. */
  isFresh({ generation, sentAtMs, sentAtWallMs }: ZoneMark): boolean {
    const { clock, coherence } = this.#parts;
    return (
      coherence.mayRead &&
      coherence.generation === generation &&
      clock.monotonic() - sentAtMs < coherence.freshMs &&
      clock.now() - sentAtWallMs < coherence.freshMs
    );
  }

  #flight(key: string): Flight {
    const known = this.#flights.get(key);
    if (known !== undefined) return known;
    const mark = this.mark();
    const reading = this.#ask(key, mark).finally(() => this.#flights.delete(key));
    const flight: Flight = { mark, reading };
    this.#flights.set(key, flight);
    return flight;
  }

  async #ask(key: string, mark: ZoneMark): Promise<ZoneReading | { readonly kind: 'void' }> {
    const { copies, store, zone } = this.#parts;
    const asked = copies.ask(key);
    const answer = await store.read(zone, key);
    copies.answered(asked);
    if (answer.kind === 'unavailable') return answer;
    if (asked.isVoid || !this.isFresh(mark)) return { kind: 'void' };
    if (answer.kind === 'none') return answer;
    return { kind: 'found', copy: copies.fill(asked, answer.entry) };
  }
}
