import { systemClock } from '../lib/clock.ts';
import type { BoardStore } from '../console/node-board.ts';
import type { Follower } from '../coherence/follower.ts';
import { MemoryZoneStore } from '../keyval/memory-zone-store.ts';
import type { ZoneStore } from '../keyval/zone-store.ts';
import { MemorySessionStore } from '../session/memory-session-store.ts';
import type { SessionStore } from '../session/session-store.ts';
import type { NodeCounts } from './counts.ts';
import type { WorkerParts } from './shared.ts';

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

/** Opens nothing yet. What a store needs is loaded only where it is the one that is configured. */
export async function createSessionStore(parts: WorkerParts): Promise<StoreService> {
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
      if (parts.seat === null) {
        const { createLoneFile } = await import('./lone-file.ts');
        return createLoneFile(path, parts);
      }
      const { createSharedFile } = await import('./shared-file.ts');
      return createSharedFile(path, parts, parts.seat);
    }
    case 'redis': {
      const { createRedisStore } = await import('./redis-store.ts');
      return createRedisStore(sessions.store, parts);
    }
  }
}
