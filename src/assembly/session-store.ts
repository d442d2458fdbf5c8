import { randomBytes } from 'node:crypto';
import type { Config } from '../config/config.ts';
import { systemClock } from '../lib/clock.ts';
import { MemorySessionStore } from '../session/memory-session-store.ts';
import { SessionCodec } from '../session/session-codec.ts';
import type { SessionStore } from '../session/session-store.ts';
import { SqliteSessionStore } from '../session/sqlite-session-store.ts';
import { WriterThread } from '../session/writer-thread.ts';
import { ValueSeal } from '../tokens/value-seal.ts';

/** A store with its beginning and its end. */
export interface StoreService {
  readonly store: SessionStore;
  start?(): Promise<void>;
  stop?(): Promise<void>;
}

/** Opens nothing yet. */
export function createSessionStore({ sessions, tokens }: Config): StoreService {
  switch (sessions.store.type) {
    case 'memory':
      return { store: new MemorySessionStore(sessions, systemClock) };
    case 'sqlite': {
      const { path } = sessions.store;
      const store = new SqliteSessionStore({
        path,
        config: sessions,
        clock: systemClock,
        codec: new SessionCodec(new ValueSeal(tokens)),
        writes: new WriterThread(path),
        worker: randomBytes(8).toString('hex'),
      });
      return { store, start: () => store.start(), stop: () => store.stop() };
    }
  }
}
