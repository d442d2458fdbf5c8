import type { ZoneRow } from '../session/zone-writes.ts';
import type { NewZoneEntry, ZoneEntry } from './zone-store.ts';
import { zoneTagOf } from './zone-tags.ts';

/** Seals and opens what a store keeps; see `ValueSeal`. */
export interface EntrySeal {
  seal(place: string, text: string): Buffer;
  open(place: string, sealed: Uint8Array): string | null;
}

/** An entry as a store keeps it: readable for gateways only, and under this key of this zone only. */
export class ZoneCodec {
  readonly #seal: EntrySeal;

  constructor(seal: EntrySeal) {
    this.#seal = seal;
  }

  encode(zone: string, { key, livesMs, value }: NewZoneEntry): ZoneRow {
    const tag = zoneTagOf(key);
    const sealed = this.#seal.seal(placeOf(zone, tag), JSON.stringify([key, value, livesMs]));
    return { tag, sealed, livesMs };
  }

  /** Null for what no gateway has written there. */
  decode(zone: string, tag: string, sealed: Uint8Array, endsAtMs: number): ZoneEntry | null {
    const text = this.#seal.open(placeOf(zone, tag), sealed);
    if (text === null) return null;
    const [key, value, livesMs] = JSON.parse(text) as [string, string, number | null]; // by `encode`
    return { key, value, endsAtMs, livesMs };
  }
}

function placeOf(zone: string, tag: string): string {
  return `zone ${zone} ${tag}`;
}
