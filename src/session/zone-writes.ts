import type { LogEntry } from './log-entry.ts';

/**
 * What is asked of a key-value zone, as plain values: the writer of a session file is asked from other threads and
 * processes. Keys are known by their tags here (`zoneTagOf`); the text of a key is sealed with its value.
 */
export type ZoneOrder =
  /** One entry that is not there yet, or several into a zone that has none. */
  | { readonly deed: 'add'; readonly rows: readonly ZoneRow[]; readonly entriesMax: number }
  /** An entry that is there. */
  | { readonly deed: 'change'; readonly row: ZoneRow }
  | { readonly deed: 'remove'; readonly tag: string }
  | { readonly deed: 'clear' }
  /** By the holder of a claim, whatever stands there; the claim ends with it. */
  | {
      readonly deed: 'put';
      readonly row: ZoneRow;
      readonly holder: string;
      readonly entriesMax: number;
    };

export interface ZoneRow {
  readonly tag: string;
  readonly sealed: Uint8Array;
  /** Counted by the clock of the store; null: for ever. */
  readonly livesMs: number | null;
}

/** What the one writer of a session file does to zones. Times are on the clock of whoever asks. */
export type ZoneWrite =
  | {
      readonly deed: 'zone';
      readonly nowMs: number;
      readonly revoker: string;
      readonly zone: string;
      /** What a log entry calls the zone as a whole; with a tag behind it, one of its keys. */
      readonly zoneId: string;
      readonly order: ZoneOrder;
      /** The key of a session that must be live for it; null: nobody's. */
      readonly caller: string | null;
      readonly idleTimeoutMs: number;
    }
  | {
      readonly deed: 'claim';
      readonly nowMs: number;
      readonly zone: string;
      readonly tag: string;
      readonly holder: string;
      /** 0: gives it up. */
      readonly claimMs: number;
      /** Only if it is held still. */
      readonly isRenewal: boolean;
    };

/**
 * `exists`: the key of that tag. `lost`: the claim is somebody else's, or was overtaken by a change of the entry.
 * `callerEnded`: the session that asked is over.
 */
export type ZoneRefusal = 'exists' | 'missing' | 'notEmpty' | 'full' | 'lost' | 'callerEnded';

export type ZoneWriteAnswer =
  | { readonly kind: 'zoneWritten'; readonly entries: readonly LogEntry[] }
  | { readonly kind: 'zoneRefused'; readonly reason: ZoneRefusal }
  | { readonly kind: 'claimed'; readonly isHeld: boolean };
