import type { ZoneEntry } from './zone-store.ts';

/** This worker's copy of an entry. */
export class ZoneCopy {
  readonly key: string;
  readonly value: string;
  /** Wall clock; `Infinity`: never. */
  readonly endsAtMs: number;
  readonly livesMs: number | null;
  /** The entry was changed or removed, or may have been: good for nothing any more. */
  isDropped = false;
  /** What whoever uses the zone has found out about the value; 0: nothing yet. */
  mark = 0;
  /** Wall clock; until then nobody tries to replace it: the last try brought nothing. */
  keptUntilMs = 0;

  constructor({ endsAtMs, key, livesMs, value }: ZoneEntry) {
    this.key = key;
    this.value = value;
    this.endsAtMs = endsAtMs;
    this.livesMs = livesMs;
  }
}
