import { randomBytes } from 'node:crypto';
import { systemClock } from '../lib/clock.ts';
import type { Follower } from '../coherence/follower.ts';
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

/** A store with its beginning and its end. */
export interface StoreService {
  readonly store: SessionStore;
  /** Null where no other process has the store. */
  readonly follower: Follower | null;
  /** Messages that no gateway had signed. */
  readonly forged?: () => number;
  /** Whether it could be asked now, for what polls do not ask. */
  readonly isReachable?: () => boolean;
  /** What is unsafe about the server: one sentence each. */
  readonly findings?: () => readonly string[];
  /** What nodes that share the store count there. */
  readonly counts?: NodeCounts;
  start?(): Promise<void>;
  stop?(): Promise<void>;
}

/** Opens nothing yet. */
export function createSessionStore(parts: WorkerParts): StoreService {
  const { sessions, tokens } = parts.config;
  switch (sessions.store.type) {
    case 'memory':
      return { store: new MemorySessionStore(sessions, systemClock), follower: null };
    case 'sqlite': {
      const { path } = sessions.store;
      if (parts.seat !== null) return createSharedFile(path, parts, parts.seat);
      const store = new SqliteSessionStore({
        path,
        config: sessions,
        clock: systemClock,
        codec: new SessionCodec(new ValueSeal(tokens)),
        writes: new WriterThread(path),
        worker: randomBytes(8).toString('hex'),
      });
      return { store, follower: null, start: () => store.start(), stop: () => store.stop() };
    }
    case 'redis':
      return createRedisStore(sessions.store, parts);
  }
}
