import type { Clock } from '../lib/clock.ts';
import type { ZoneRefusal } from '../session/zone-writes.ts';
import type {
  ClaimAnswer,
  NewZoneEntry,
  ZoneBounds,
  ZoneCountAnswer,
  ZoneDeed,
  ZoneEntry,
  ZoneListAnswer,
  ZoneReadAnswer,
  ZoneStore,
  ZoneStoreAnswer,
} from './zone-store.ts';

interface Claim {
  readonly holder: string;
  readonly endsAtMs: number;
}

interface MemoryZone {
  readonly entries: Map<string, ZoneEntry>;
  readonly claims: Map<string, Claim>;
  /** On the monotonic clock. */
  sweptAtMs: number;
}

/** A walk through a whole zone costs too much for each write. */
const sweepMs = 1_000;

/** Zones of one process: they end with it, and there is nobody else to tell. */
export class MemoryZoneStore implements ZoneStore {
  readonly #clock: Clock;
  readonly #zones = new Map<string, MemoryZone>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  read(zone: string, key: string): Promise<ZoneReadAnswer> {
    const entry = this.#alive(this.#zone(zone), key);
    return Promise.resolve(entry === undefined ? { kind: 'none' } : { kind: 'found', entry });
  }

  list(zone: string): Promise<ZoneListAnswer> {
    const { entries } = this.#swept(zone);
    return Promise.resolve({ kind: 'listed', entries: [...entries.values()] });
  }

  count(zone: string): Promise<ZoneCountAnswer> {
    return Promise.resolve({ kind: 'counted', count: this.#swept(zone).entries.size });
  }

  /** A session that asks was judged in this very turn. */
  write({ entriesMax, name }: ZoneBounds, deed: ZoneDeed): Promise<ZoneStoreAnswer> {
    const refusal = this.#perform(this.#sweptLately(name), deed, entriesMax);
    return Promise.resolve(
      refusal === null ? { kind: 'written', commit: null } : { kind: 'refused', reason: refusal },
    );
  }

  claim(zone: string, key: string, holder: string, claimMs: number): Promise<ClaimAnswer> {
    return this.#claim(zone, key, { holder, endsAtMs: this.#clock.now() + claimMs }, false);
  }

  renewClaim(zone: string, key: string, holder: string, claimMs: number): Promise<ClaimAnswer> {
    return this.#claim(zone, key, { holder, endsAtMs: this.#clock.now() + claimMs }, true);
  }

  #claim(zone: string, key: string, claim: Claim, isRenewal: boolean): Promise<ClaimAnswer> {
    const { claims } = this.#zone(zone);
    const nowMs = this.#clock.now();
    const found = claims.get(key);
    const current = found !== undefined && found.endsAtMs > nowMs ? found : undefined;
    const isFree = current === undefined && !isRenewal;
    if (!isFree && current?.holder !== claim.holder) return Promise.resolve({ kind: 'busy' });
    if (claim.endsAtMs <= nowMs) claims.delete(key);
    else claims.set(key, claim);
    return Promise.resolve({ kind: 'held' });
  }

  #perform(zone: MemoryZone, deed: ZoneDeed, entriesMax: number): ZoneRefusal | null {
    const { claims, entries } = zone;
    switch (deed.deed) {
      case 'add': {
        const [first] = deed.entries;
        if (deed.entries.length > 1 && this.#sweep(zone).entries.size > 0) return 'notEmpty';
        if (first !== undefined && this.#alive(zone, first.key)) return 'exists';
        if (entries.size + deed.entries.length > entriesMax) return 'full';
        for (const entry of deed.entries) this.#set(zone, entry);
        return null;
      }
      case 'change':
        if (!this.#alive(zone, deed.entry.key)) return 'missing';
        this.#set(zone, deed.entry);
        return null;
      case 'remove': {
        const isThere = this.#alive(zone, deed.key) !== undefined;
        claims.delete(deed.key);
        entries.delete(deed.key);
        return isThere ? null : 'missing';
      }
      case 'clear':
        entries.clear();
        claims.clear();
        return null;
      case 'put': {
        const { entry, holder } = deed;
        const claim = claims.get(entry.key);
        if (claim?.holder !== holder || claim.endsAtMs <= this.#clock.now()) return 'lost';
        claims.delete(entry.key);
        if (!entries.has(entry.key) && entries.size >= entriesMax) return 'full';
        this.#set(zone, entry);
        return null;
      }
    }
  }

  #set({ claims, entries }: MemoryZone, { key, livesMs, value }: NewZoneEntry): void {
    claims.delete(key);
    const endsAtMs = livesMs === null ? Infinity : this.#clock.now() + livesMs;
    entries.set(key, { key, value, endsAtMs, livesMs });
  }

  #alive({ entries }: MemoryZone, key: string): ZoneEntry | undefined {
    const entry = entries.get(key);
    return entry !== undefined && entry.endsAtMs > this.#clock.now() ? entry : undefined;
  }

  #swept(name: string): MemoryZone {
    return this.#sweep(this.#zone(name));
  }

  #sweptLately(name: string): MemoryZone {
    const zone = this.#zone(name);
    return this.#clock.monotonic() - zone.sweptAtMs < sweepMs ? zone : this.#sweep(zone);
  }

  #sweep(zone: MemoryZone): MemoryZone {
    const nowMs = this.#clock.now();
    zone.sweptAtMs = this.#clock.monotonic();
    for (const [key, { endsAtMs }] of zone.entries) if (endsAtMs <= nowMs) zone.entries.delete(key);
    for (const [key, { endsAtMs }] of zone.claims) if (endsAtMs <= nowMs) zone.claims.delete(key);
    return zone;
  }

  #zone(name: string): MemoryZone {
    const known = this.#zones.get(name);
    if (known !== undefined) return known;
    const made: MemoryZone = { entries: new Map(), claims: new Map(), sweptAtMs: -Infinity };
    this.#zones.set(name, made);
    return made;
  }
}
