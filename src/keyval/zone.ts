import type { ZoneConfig } from '../config/zones.ts';
import type { Clock } from '../lib/clock.ts';
import type { Coherence } from '../session/coherence.ts';
import type { ZoneRefusal } from '../session/zone-writes.ts';
import type { ZoneCopies } from './zone-copies.ts';
import type { ZoneCopy } from './zone-copy.ts';
import { ZoneReader, type ZoneReading } from './zone-reader.ts';
import type {
  ClaimAnswer,
  NewZoneEntry,
  ZoneCountAnswer,
  ZoneDeed,
  ZoneListAnswer,
  ZoneStore,
} from './zone-store.ts';

export interface ZoneParts {
  readonly config: ZoneConfig;
  readonly copies: ZoneCopies;
  readonly store: ZoneStore;
  readonly coherence: Coherence;
  readonly clock: Clock;
  /** Of a write of this worker that the log has: in the turn of this call its copies are gone here. */
  readonly applied: (ids: readonly string[]) => void;
}

/** What became of a wish to change a zone. `written`: no worker anywhere believes what was there before. */
export type ZoneOutcome =
  | { readonly kind: 'written' }
  | { readonly kind: 'refused'; readonly reason: ZoneRefusal }
  | { readonly kind: 'unavailable' };

export type PutOutcome =
  | { readonly kind: 'put'; readonly copy: ZoneCopy }
  | { readonly kind: 'refused'; readonly reason: ZoneRefusal }
  | { readonly kind: 'unavailable' };

/**
 * A key-value zone as its users see it. Copies of entries are believed under the lease of the sessions, and a write is
 * done when nobody believes what was there before: what holds for sessions and their end holds for entries and their
 * change.
 */
export class Zone {
  readonly config: ZoneConfig;
  readonly #parts: ZoneParts;
  readonly #reader: ZoneReader;

  constructor(parts: ZoneParts) {
    this.config = parts.config;
    this.#parts = parts;
    this.#reader = new ZoneReader({ ...parts, zone: parts.config.name });
  }

  /** The copy of an entry, if this worker knows that it is good. Undefined says nothing. No promise, no allocation. */
  peek(key: string, nowMs: number): ZoneCopy | undefined {
    const copy = this.#parts.copies.get(key);
    return copy !== undefined && this.holds(copy, nowMs, 0) ? copy : undefined;
  }

  /** The copy that was good until the store fell silent, no longer ago than that. */
  peekStale(key: string, nowMs: number, staleMsMax: number): ZoneCopy | undefined {
    const copy = this.#parts.copies.get(key);
    return copy !== undefined && this.holds(copy, nowMs, staleMsMax) ? copy : undefined;
  }

  /** Whether a copy is still good; `staleMsMax`: for how long after the end of the lease it may be believed. */
  holds(copy: ZoneCopy, nowMs: number, staleMsMax: number): boolean {
    if (copy.isDropped || copy.endsAtMs <= nowMs) return false;
    const { clock, coherence } = this.#parts;
    const monotonicMs = clock.monotonic();
    if (coherence.lease.covers(monotonicMs, nowMs)) return true;
    return staleMsMax > 0 && coherence.lease.endedForMs(monotonicMs, nowMs) < staleMsMax;
  }

  /** By a question to the store, or by a copy as soon as there is a lease again. `isNewWanted`: by a question of now. */
  read(key: string, isNewWanted = false): Promise<ZoneReading> {
    return this.#reader.read(key, isNewWanted);
  }

  /** Entries that this worker has a copy of. */
  get copyCount(): number {
    return this.#parts.copies.size;
  }

  /** As the store has it now. */
  list(): Promise<ZoneListAnswer> {
    return this.#parts.store.list(this.config.name);
  }

  count(): Promise<ZoneCountAnswer> {
    return this.#parts.store.count(this.config.name);
  }

  /** `caller`: the key of a session that is to be live in the same step; null: nobody's. */
  async write(
    deed: Exclude<ZoneDeed, { deed: 'put' }>,
    caller: string | null = null,
  ): Promise<ZoneOutcome> {
    const { applied, coherence, store } = this.#parts;
    const answer = await store.write(this.config, deed, caller);
    switch (answer.kind) {
      case 'unavailable':
        // Done or not, who knows: what is here is not believed.
        this.#forget(deed);
        return answer;
      case 'refused':
        return answer;
      case 'written':
        if (answer.commit === null) this.#forget(deed);
        else {
          applied(answer.commit.entries.flatMap(({ ids }) => ids));
          await coherence.settle(answer.commit);
        }
        return { kind: 'written' };
    }
  }

  /** Who is to find out the value of this key; see `ZoneStore`. */
  claim(key: string, holder: string, claimMs: number): Promise<ClaimAnswer> {
    return this.#parts.store.claim(this.config.name, key, holder, claimMs);
  }

  /** 0: gives it up. */
  renewClaim(key: string, holder: string, claimMs: number): Promise<ClaimAnswer> {
    return this.#parts.store.renewClaim(this.config.name, key, holder, claimMs);
  }

  /** What the holder of a claim has found out. */
  async put(entry: NewZoneEntry, holder: string): Promise<PutOutcome> {
    const { clock, copies, store } = this.#parts;
    const mark = this.#reader.mark();
    const asked = copies.ask(entry.key);
    const nowMs = clock.now();
    const answer = await store.write(this.config, { deed: 'put', entry, holder }, null);
    copies.answered(asked);
    if (answer.kind !== 'written') return answer;
    if (asked.isVoid || !this.#reader.isFresh(mark)) return { kind: 'refused', reason: 'lost' };
    const { key, livesMs, value } = entry;
    const endsAtMs = livesMs === null ? Infinity : nowMs + livesMs;
    return { kind: 'put', copy: copies.fill(asked, { key, value, endsAtMs, livesMs }) };
  }

  /** Where no other process has the store, there is no log that names what was changed. */
  #forget(deed: Exclude<ZoneDeed, { deed: 'put' }>): void {
    const { copies } = this.#parts;
    switch (deed.deed) {
      case 'clear':
        copies.clear();
        break;
      case 'add':
        for (const { key } of deed.entries) copies.forget(key);
        break;
      case 'change':
        copies.forget(deed.entry.key);
        break;
      case 'remove':
        copies.forget(deed.key);
        break;
    }
  }
}
