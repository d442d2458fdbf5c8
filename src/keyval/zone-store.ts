import type { Commit } from '../session/commit.ts';
import type { ZoneRefusal } from '../session/zone-writes.ts';

/** One entry of a key-value zone. Times in it are on the clock of this process. */
export interface ZoneEntry {
  readonly key: string;
  readonly value: string;
  /** `Infinity`: never. */
  readonly endsAtMs: number;
  /** How long it was to live when it was written; null: for ever. */
  readonly livesMs: number | null;
}

/** What is to be written; null: for ever. */
export interface NewZoneEntry {
  readonly key: string;
  readonly value: string;
  readonly livesMs: number | null;
}

export type ZoneDeed =
  /** One that is not there yet, or several into a zone that has none. */
  | { readonly deed: 'add'; readonly entries: readonly NewZoneEntry[] }
  /** One that is there. */
  | { readonly deed: 'change'; readonly entry: NewZoneEntry }
  | { readonly deed: 'remove'; readonly key: string }
  | { readonly deed: 'clear' }
  /** By the holder of a claim, whatever stands there. The claim ends with it. */
  | { readonly deed: 'put'; readonly entry: NewZoneEntry; readonly holder: string };

/** Which zone, and how many entries it may have. */
export interface ZoneBounds {
  readonly name: string;
  readonly entriesMax: number;
}

export type ZoneUnavailable = { readonly kind: 'unavailable' };

export type ZoneReadAnswer =
  | { readonly kind: 'found'; readonly entry: ZoneEntry }
  | { readonly kind: 'none' }
  | ZoneUnavailable;

export type ZoneListAnswer =
  | { readonly kind: 'listed'; readonly entries: readonly ZoneEntry[] }
  | ZoneUnavailable;

export type ZoneCountAnswer =
  | { readonly kind: 'counted'; readonly count: number }
  | ZoneUnavailable;

export type ZoneStoreAnswer =
  /** Null: nobody else has to hear of it. */
  | { readonly kind: 'written'; readonly commit: Commit | null }
  | { readonly kind: 'refused'; readonly reason: ZoneRefusal }
  | ZoneUnavailable;

export type ClaimAnswer = { readonly kind: 'held' | 'busy' } | ZoneUnavailable;

/**
 * The authoritative copy of all zones. Each call is one step; none rejects on an outage. What has run out is not there.
 *
 * A claim says who of all workers is about to find out the value of a key that is not there, or is about to run out. It
 * ends by itself after `claimMs`, and is lost when somebody changes the entry, or the zone is cleared: what its holder
 * brings then is older than that.
 */
export interface ZoneStore {
  read(zone: string, key: string): Promise<ZoneReadAnswer>;
  list(zone: string): Promise<ZoneListAnswer>;
  count(zone: string): Promise<ZoneCountAnswer>;
  /** `caller`: the key of a session that is to be live in the same step; null: nobody's. */
  write(zone: ZoneBounds, deed: ZoneDeed, caller: string | null): Promise<ZoneStoreAnswer>;
  claim(zone: string, key: string, holder: string, claimMs: number): Promise<ClaimAnswer>;
  /** For another `claimMs` from now, if it is held still. 0: it is given up. */
  renewClaim(zone: string, key: string, holder: string, claimMs: number): Promise<ClaimAnswer>;
}
