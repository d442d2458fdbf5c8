import { SqliteZoneStore } from '../keyval/sqlite-zone-store.ts';
import { ZoneCodec } from '../keyval/zone-codec.ts';
import { systemClock } from '../lib/clock.ts';
import { SessionCodec } from '../session/session-codec.ts';
import {
  SqliteSessionStore,
  type SqliteSessionStoreParts,
} from '../session/sqlite-session-store.ts';
import { ValueSeal } from '../tokens/value-seal.ts';
import type { WorkerParts } from './shared.ts';
import { zoneTrouble } from './zone-trouble.ts';

/** What a session file holds, whoever writes it: sessions and zones, sealed with the same key. */
export function createFileStores(
  given: Pick<SqliteSessionStoreParts, 'path' | 'writes' | 'worker'>,
  { config, log }: WorkerParts,
): { readonly store: SqliteSessionStore; readonly zones: SqliteZoneStore } {
  const seal = new ValueSeal(config.tokens);
  const file = { ...given, clock: systemClock };
  const store = new SqliteSessionStore({
    ...file,
    config: config.sessions,
    codec: new SessionCodec(seal),
  });
  const zones = new SqliteZoneStore({
    ...file,
    codec: new ZoneCodec(seal),
    idleTimeoutMs: config.sessions.idleTimeoutMs,
    onTrouble: zoneTrouble(log, systemClock),
  });
  return { store, zones };
}
