import { setTimeout as pause } from 'node:timers/promises';
import type { StatementSync } from 'node:sqlite';
import type { Clock } from '../lib/clock.ts';
import { openToRead, type OpenSessionFile } from '../session/session-file.ts';
import type { SessionWriteAnswer, SessionWrites } from '../session/session-writes.ts';
import { isBusy } from '../session/sqlite-failure.ts';
import type { ZoneOrder, ZoneWrite } from '../session/zone-writes.ts';
import type { ZoneCodec } from './zone-codec.ts';
import type {
  ClaimAnswer,
  ZoneBounds,
  ZoneCountAnswer,
  ZoneDeed,
  ZoneEntry,
  ZoneListAnswer,
  ZoneReadAnswer,
  ZoneStore,
  ZoneStoreAnswer,
  ZoneUnavailable,
} from './zone-store.ts';
import { zoneIdOf, zoneTagOf } from './zone-tags.ts';

const unavailable: ZoneUnavailable = Object.freeze({ kind: 'unavailable' });
/** A reader meets nobody's lock but while the log is being recovered. */
const busyPauseMs = 5;
const busyAttemptsMax = 20;

interface OpenZones {
  readonly file: OpenSessionFile;
  readonly find: StatementSync;
  readonly all: StatementSync;
  readonly count: StatementSync;
}

export interface SqliteZoneStoreParts {
  readonly path: string;
  readonly clock: Clock;
  readonly codec: ZoneCodec;
  readonly writes: Pick<SessionWrites, 'perform'>;
  readonly worker: string;
  readonly idleTimeoutMs: number;
  readonly onTrouble?: (error: unknown) => void;
}

/** Zones in the session file: read by each process itself, written by the one writer of that file. */
export class SqliteZoneStore implements ZoneStore {
  readonly #parts: SqliteZoneStoreParts;
  #open: OpenZones | null = null;

  constructor(parts: SqliteZoneStoreParts) {
    this.#parts = parts;
  }

  stop(): void {
    this.#open?.file.close();
    this.#open = null;
  }

  async read(zone: string, key: string): Promise<ZoneReadAnswer> {
    const tag = zoneTagOf(key);
    const now = this.#parts.clock.now();
    const rows = await this.#ask(({ find }) => find.all({ zone, tag, now }));
    if (rows === null) return unavailable;
    const [entry] = this.#entriesOf(zone, rows);
    return entry === undefined ? { kind: 'none' } : { kind: 'found', entry };
  }

  async list(zone: string): Promise<ZoneListAnswer> {
    const now = this.#parts.clock.now();
    const rows = await this.#ask(({ all }) => all.all({ zone, now }));
    return rows === null ? unavailable : { kind: 'listed', entries: this.#entriesOf(zone, rows) };
  }

  async count(zone: string): Promise<ZoneCountAnswer> {
    const now = this.#parts.clock.now();
    const row = await this.#ask(({ count }) => count.get({ zone, now }));
    return row === null ? unavailable : { kind: 'counted', count: Number(row?.['entries']) };
  }

  async write(zone: ZoneBounds, deed: ZoneDeed, caller: string | null): Promise<ZoneStoreAnswer> {
    const answer = await this.#perform({
      deed: 'zone',
      nowMs: this.#parts.clock.now(),
      revoker: this.#parts.worker,
      zone: zone.name,
      zoneId: zoneIdOf(zone.name),
      order: this.#orderOf(zone, deed),
      caller,
      idleTimeoutMs: this.#parts.idleTimeoutMs,
    });
    switch (answer?.kind) {
      case 'zoneWritten': {
        const { entries } = answer;
        const commit = { entries, members: null, unknownBoundMs: 0, isReplicated: null };
        return { kind: 'written', commit: entries.length === 0 ? null : commit };
      }
      case 'zoneRefused':
        return { kind: 'refused', reason: answer.reason };
      default:
        return unavailable;
    }
  }

  claim(zone: string, key: string, holder: string, claimMs: number): Promise<ClaimAnswer> {
    return this.#claim({ zone, tag: zoneTagOf(key), holder, claimMs, isRenewal: false });
  }

  renewClaim(zone: string, key: string, holder: string, claimMs: number): Promise<ClaimAnswer> {
    return this.#claim({ zone, tag: zoneTagOf(key), holder, claimMs, isRenewal: true });
  }

  async #claim(
    wanted: Omit<Extract<ZoneWrite, { deed: 'claim' }>, 'deed' | 'nowMs'>,
  ): Promise<ClaimAnswer> {
    const nowMs = this.#parts.clock.now();
    const answer = await this.#perform({ deed: 'claim', nowMs, ...wanted });
    if (answer?.kind !== 'claimed') return unavailable;
    return { kind: answer.isHeld ? 'held' : 'busy' };
  }

  #orderOf({ entriesMax, name }: ZoneBounds, deed: ZoneDeed): ZoneOrder {
    const { codec } = this.#parts;
    switch (deed.deed) {
      case 'add':
        return {
          deed: 'add',
          rows: deed.entries.map((entry) => codec.encode(name, entry)),
          entriesMax,
        };
      case 'change':
        return { deed: 'change', row: codec.encode(name, deed.entry) };
      case 'remove':
        return { deed: 'remove', tag: zoneTagOf(deed.key) };
      case 'clear':
        return { deed: 'clear' };
      case 'put': {
        const row = codec.encode(name, deed.entry);
        return { deed: 'put', row, holder: deed.holder, entriesMax };
      }
    }
  }

  async #perform(
    write: Parameters<SessionWrites['perform']>[0],
  ): Promise<SessionWriteAnswer | null> {
    try {
      const answer = await this.#parts.writes.perform(write);
      if (answer.kind === 'failed') this.#parts.onTrouble?.(new Error(answer.sentence));
      return answer;
    } catch (error) {
      this.#parts.onTrouble?.(error);
      return null;
    }
  }

  #entriesOf(zone: string, rows: readonly Readonly<Record<string, unknown>>[]): ZoneEntry[] {
    return rows.flatMap(({ ends, sealed, tag }) => {
      if (!(sealed instanceof Uint8Array)) return [];
      const endsAtMs = typeof ends === 'number' ? ends : Infinity;
      return this.#parts.codec.decode(zone, String(tag), sealed, endsAtMs) ?? [];
    });
  }

  /** Null where the file cannot be read. */
  async #ask<Answer>(question: (zones: OpenZones) => Answer): Promise<Answer | null> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        this.#open ??= openZones(this.#parts.path);
        return question(this.#open);
      } catch (error) {
        if (!isBusy(error) || attempt === busyAttemptsMax) {
          this.#parts.onTrouble?.(error);
          return null;
        }
        await pause(busyPauseMs);
      }
    }
  }
}

function openZones(path: string): OpenZones {
  const file = openToRead(path);
  const { database } = file;
  const alive = 'zone = :zone AND (ends IS NULL OR ends > :now)';
  try {
    return {
      file,
      find: database.prepare(
        `SELECT tag, sealed, ends FROM zone_entries WHERE ${alive} AND tag = :tag`,
      ),
      all: database.prepare(`SELECT tag, sealed, ends FROM zone_entries WHERE ${alive}`),
      count: database.prepare(`SELECT count(*) AS entries FROM zone_entries WHERE ${alive}`),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}
