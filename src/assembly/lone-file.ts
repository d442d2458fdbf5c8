import { randomBytes } from 'node:crypto';
import { SqliteZoneStore } from '../keyval/sqlite-zone-store.ts';
import { ZoneCodec } from '../keyval/zone-codec.ts';
import { systemClock } from '../lib/clock.ts';
import { SessionCodec } from '../session/session-codec.ts';
import { SqliteSessionStore } from '../session/sqlite-session-store.ts';
import { WriterThread } from '../session/writer-thread.ts';
import { ValueSeal } from '../tokens/value-seal.ts';
import type { StoreService } from './session-store.ts';
import type { WorkerParts } from './shared.ts';
import { zoneTrouble } from './zone-trouble.ts';

/** A session file that no other process has. */
export function createLoneFile(path: string, { config, log }: WorkerParts): StoreService {
  const seal = new ValueSeal(config.tokens);
  const given = {
    path,
    clock: systemClock,
    writes: new WriterThread(path),
    worker: randomBytes(8).toString('hex'),
  };
  const store = new SqliteSessionStore({
    ...given,
    config: config.sessions,
    codec: new SessionCodec(seal),
  });
  const zones = new SqliteZoneStore({
    ...given,
    codec: new ZoneCodec(seal),
    idleTimeoutMs: config.sessions.idleTimeoutMs,
    onTrouble: zoneTrouble(log, systemClock),
  });
  return {
    store,
    zones,
    follower: null,
    start: () => store.start(),
    stop: async () => {
      zones.stop();
      await store.stop();
    },
  };
}
