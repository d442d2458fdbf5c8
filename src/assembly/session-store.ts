import { randomBytes } from 'node:crypto';
import { systemClock } from '../lib/clock.ts';
import type { BoardStore } from '../console/node-board.ts';
import type { Follower } from '../coherence/follower.ts';
import { MemoryZoneStore } from '../keyval/memory-zone-store.ts';
import { SqliteZoneStore } from '../keyval/sqlite-zone-store.ts';
import { ZoneCodec } from '../keyval/zone-codec.ts';
import type { ZoneStore } from '../keyval/zone-store.ts';
import { MemorySessionStore } from '../session/memory-session-store.ts';
import { SessionCodec } from '../session/session-codec.ts';
import type { SessionStore } from '../session/session-store.ts';
import { SqliteSessionStore } from '../session/sqlite-session-store.ts';
import { WriterThread } from '../session/writer-thread.ts';
import { ValueSeal } from '../tokens/value-seal.ts';
import type { NodeCounts } from './counts.ts';
import { createRedisStore } from './redis-store.ts';
import { createSharedFile } from './shared-file.ts';
import type { WorkerParts } from './shared.ts';
import { zoneTrouble } from './zone-trouble.ts';

/** A store with its beginning and its end. */
export interface StoreService {
  readonly store: SessionStore;
  /** Key-value zones lie where the sessions lie. */
  readonly zones: ZoneStore;
  /** Other workers that have the store; none where nobody else can. */
  readonly othersOnline?: () => Promise<number>;
  /** Null where no other process has the store. */
  readonly follower: Follower | null;
  /** Messages that no gateway had signed. */
  readonly forged?: () => number;
  /** Whether it could be asked now, for what polls do not ask. */
  readonly isReachable?: () => boolean;
  /** What is unsafe about the server: one sentence each. */
  readonly findings?: () => readonly string[];
  /** What the member table knows this worker by. */
  readonly member?: string;
  /** Where workers of all nodes leave a note about themselves. */
  readonly board?: BoardStore;
  /** What nodes that share the store count there. */
  readonly counts?: NodeCounts;
  start?(): Promise<void>;
  stop?(): Promise<void>;
}

/** Opens nothing yet. */
export function createSessionStore(parts: WorkerParts): StoreService {
  const { sessions } = parts.config;
  switch (sessions.store.type) {
    case 'memory':
      return {
        store: new MemorySessionStore(sessions, systemClock),
        zones: new MemoryZoneStore(systemClock),
        follower: null,
      };
    case 'sqlite': {
      const { path } = sessions.store;
      if (parts.seat !== null) return createSharedFile(path, parts, parts.seat);
      return createLoneFile(path, parts);
    }
    case 'redis':
      return createRedisStore(sessions.store, parts);
  }
}

/** A session file that no other process has. */
function createLoneFile(path: string, { config, log }: WorkerParts): StoreService {
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
