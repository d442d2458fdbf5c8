import { idsPerEntryMax } from '../session/log-entry.ts';
import { memberRowsOf, numberOf, textOf, textsOf } from '../session/redis-answers.ts';
import { signedEntry, type SignedEntry } from '../session/redis-entry.ts';
import type { RedisStore } from '../session/redis-store.ts';
import type { ZoneRefusal } from '../session/zone-writes.ts';
import { redisZoneScripts, type RedisZoneScripts } from './redis-zone-scripts.ts';
import { ZoneCodec } from './zone-codec.ts';
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
  ZoneUnavailable,
} from './zone-store.ts';
import { zoneIdOf, zoneTagOf } from './zone-tags.ts';

const unavailable: ZoneUnavailable = Object.freeze({ kind: 'unavailable' });

const refusals = {
  exists: true,
  missing: true,
  notEmpty: true,
  full: true,
  lost: true,
  callerEnded: true,
} satisfies Readonly<Record<ZoneRefusal, true>>;

const isRefusal = (text: string): text is ZoneRefusal => Object.hasOwn(refusals, text);

type ZonesRedis = Pick<RedisStore, 'ask' | 'isReplicated' | 'parts' | 'report' | 'toOurs'>;

/** Zones in Redis, beside the sessions: the same connections, the same log, the same epochs. */
export class RedisZoneStore implements ZoneStore {
  readonly #store: ZonesRedis;
  readonly #scripts: RedisZoneScripts;
  readonly #codec: ZoneCodec;
  readonly #idleTimeoutMs: number;

  constructor(store: ZonesRedis, idleTimeoutMs: number) {
    this.#store = store;
    this.#scripts = redisZoneScripts(store.parts.time);
    this.#codec = new ZoneCodec(store.parts.values);
    this.#idleTimeoutMs = idleTimeoutMs;
  }

  async read(zone: string, key: string): Promise<ZoneReadAnswer> {
    try {
      const [, row] = await this.#store.ask(this.#scripts.read, [zone, zoneTagOf(key)]);
      const entry = this.#entryOf(zone, row);
      return entry === null ? { kind: 'none' } : { kind: 'found', entry };
    } catch (error) {
      return this.#failed(error);
    }
  }

  async list(zone: string): Promise<ZoneListAnswer> {
    try {
      const [, ...rows] = await this.#store.ask(this.#scripts.list, [zone]);
      return { kind: 'listed', entries: rows.flatMap((row) => this.#entryOf(zone, row) ?? []) };
    } catch (error) {
      return this.#failed(error);
    }
  }

  async count(zone: string): Promise<ZoneCountAnswer> {
    try {
      const [, count] = await this.#store.ask(this.#scripts.count, [zone]);
      return { kind: 'counted', count: numberOf(count) };
    } catch (error) {
      return this.#failed(error);
    }
  }

  async write(
    { entriesMax, name }: ZoneBounds,
    deed: ZoneDeed,
    caller: string | null,
  ): Promise<ZoneStoreAnswer> {
    const rows = this.#rowsOf(name, deed);
    const ids = deed.deed === 'put' ? [] : idsOf(name, rows);
    const entries = this.#signed(ids);
    const lines = entries.flatMap(({ tag, payload, signature }) => [tag, payload, signature]);
    const holder = deed.deed === 'put' ? deed.holder : '';
    const args = [
      ...[name, deed.deed, entriesMax, caller ?? '', this.#idleTimeoutMs, holder],
      ...[rows.length, ...rows.flat(), entries.length, ...lines],
    ];
    const isGrowing = deed.deed === 'add' || deed.deed === 'put';
    const script = isGrowing ? this.#scripts.add : this.#scripts.change;
    try {
      const [kind, first, members, epochAge, bound] = await this.#store.ask(script, args);
      const said = textOf(kind);
      if (isRefusal(said)) return { kind: 'refused', reason: said };
      if (entries.length === 0) return { kind: 'written', commit: null };
      const boundMs = Math.max(this.#store.parts.boundMs, numberOf(bound));
      return {
        kind: 'written',
        commit: {
          entries: entries.map(({ tag, kind: entryKind, revoker, ids: named }, index) => ({
            ...{ number: numberOf(first) + index, tag, kind: entryKind, revoker, ids: named },
          })),
          members: memberRowsOf(members),
          unknownBoundMs: numberOf(epochAge) < boundMs ? boundMs : 0,
          isReplicated: await this.#store.isReplicated(),
        },
      };
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('OOM')) {
        return { kind: 'refused', reason: 'full' };
      }
      return this.#failed(error);
    }
  }

  claim(zone: string, key: string, holder: string, claimMs: number): Promise<ClaimAnswer> {
    return this.#claim([zone, zoneTagOf(key), holder, claimMs, '']);
  }

  renewClaim(zone: string, key: string, holder: string, claimMs: number): Promise<ClaimAnswer> {
    return this.#claim([zone, zoneTagOf(key), holder, claimMs, 'again']);
  }

  async #claim(args: readonly (string | number)[]): Promise<ClaimAnswer> {
    try {
      const [kind] = await this.#store.ask(this.#scripts.claim, args);
      return { kind: kind === 'held' ? 'held' : 'busy' };
    } catch (error) {
      return this.#failed(error);
    }
  }

  #rowsOf(zone: string, deed: ZoneDeed): (readonly [tag: string, sealed: string, ms: number])[] {
    const rowOf = (entry: NewZoneEntry): readonly [string, string, number] => {
      const { livesMs, sealed, tag } = this.#codec.encode(zone, entry);
      return [tag, Buffer.from(sealed).toString('base64url'), livesMs ?? -1];
    };
    switch (deed.deed) {
      case 'add':
        return deed.entries.map(rowOf);
      case 'remove':
        return [[zoneTagOf(deed.key), '', -1]];
      case 'clear':
        return [];
      default:
        return [rowOf(deed.entry)];
    }
  }

  #signed(ids: readonly string[]): readonly SignedEntry[] {
    const { messages, worker } = this.#store.parts;
    const entries: SignedEntry[] = [];
    for (let start = 0; start < ids.length; start += idsPerEntryMax) {
      const some = ids.slice(start, start + idsPerEntryMax);
      entries.push(signedEntry(messages, 'entry', worker, some));
    }
    return entries;
  }

  #entryOf(zone: string, row: unknown): ZoneEntry | null {
    const [tag, ends, sealed] = textsOf(row);
    if (tag === undefined || sealed === undefined) return null;
    const endsAtMs = ends === '-' ? Infinity : this.#store.toOurs(Number(ends));
    const entry = this.#codec.decode(zone, tag, Buffer.from(sealed, 'base64url'), endsAtMs);
    if (entry === null || entry.livesMs === null) return entry;
    // The end lies in the open: who can write there may move it, but not beyond what is sealed.
    const latestMs = this.#store.parts.clock.now() + entry.livesMs;
    return endsAtMs <= latestMs ? entry : { ...entry, endsAtMs: latestMs };
  }

  #failed(error: unknown): ZoneUnavailable {
    this.#store.report(error);
    return unavailable;
  }
}

/** Of each of the keys, or of the whole zone. */
function idsOf(zone: string, rows: readonly (readonly [tag: string, ...unknown[]])[]): string[] {
  const zoneId = zoneIdOf(zone);
  return rows.length === 0 ? [zoneId] : rows.map(([tag]) => zoneId + tag);
}
