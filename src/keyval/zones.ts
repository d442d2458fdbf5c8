import type { ZoneConfig } from '../config/zones.ts';
import type { Clock } from '../lib/clock.ts';
import type { Coherence } from '../session/coherence.ts';
import type { LogEntry } from '../session/log-entry.ts';
import type { Copies } from '../session/replica.ts';
import { ZoneCopies } from './zone-copies.ts';
import type { ZoneStore } from './zone-store.ts';
import { zoneIdLength, zoneIdOf } from './zone-tags.ts';
import { Zone } from './zone.ts';

const sweepIntervalMs = 30_000;

export interface ZonesParts {
  readonly zones: readonly ZoneConfig[];
  readonly store: ZoneStore;
  readonly coherence: Coherence;
  readonly clock: Clock;
}

/** What went out to other workers and came from them, entries of the log alone. */
export interface ZoneTraffic {
  messagesIn: number;
  bytesIn: number;
  messagesOut: number;
  bytesOut: number;
}

/** All key-value zones of a worker; what the log says of them is done here. */
export class Zones implements Copies {
  readonly #clock: Clock;
  readonly #byName = new Map<string, Zone>();
  readonly #copies = new Map<string, ZoneCopies>();
  readonly traffic: ZoneTraffic = { messagesIn: 0, bytesIn: 0, messagesOut: 0, bytesOut: 0 };
  #timer: NodeJS.Timeout | undefined;

  constructor({ clock, coherence, store, zones }: ZonesParts) {
    this.#clock = clock;
    for (const config of zones) {
      const copies = new ZoneCopies(config.entriesMax);
      this.#copies.set(zoneIdOf(config.name), copies);
      const applied = (ids: readonly string[]): void => {
        this.traffic.messagesOut += 1;
        this.traffic.bytesOut += ids.join('').length;
        this.#change(ids);
      };
      this.#byName.set(config.name, new Zone({ config, copies, store, coherence, clock, applied }));
    }
  }

  /** In the order of the file. */
  get all(): readonly Zone[] {
    return [...this.#byName.values()];
  }

  get(name: string): Zone | undefined {
    return this.#byName.get(name);
  }

  start(): void {
    if (this.#byName.size === 0) return;
    this.#timer ??= setInterval(() => this.#sweep(), sweepIntervalMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  // ── what the log says ──────────────────────────────────────────────────────────────────────────────────────────────

  apply({ ids, kind }: LogEntry): void {
    if (kind !== 'entry') return;
    this.traffic.messagesIn += 1;
    this.traffic.bytesIn += ids.join('').length;
    this.#change(ids);
  }

  jump(): void {
    for (const copies of this.#copies.values()) copies.clear();
  }

  /** Of this gateway's zones; others may have more. */
  #change(ids: readonly string[]): void {
    for (const id of ids) {
      const copies = this.#copies.get(id.slice(0, zoneIdLength));
      if (id.length === zoneIdLength) copies?.clear();
      else copies?.change(id.slice(zoneIdLength));
    }
  }

  #sweep(): void {
    const nowMs = this.#clock.now();
    for (const copies of this.#copies.values()) copies.sweep(nowMs);
  }
}
