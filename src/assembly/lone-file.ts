import { randomBytes } from 'node:crypto';
import { WriterThread } from '../session/writer-thread.ts';
import { createFileStores } from './file-stores.ts';
import type { StoreService } from './session-store.ts';
import type { WorkerParts } from './shared.ts';

/** A session file that no other process has. */
export function createLoneFile(path: string, parts: WorkerParts): StoreService {
  const worker = randomBytes(8).toString('hex');
  const { store, zones } = createFileStores(
    { path, writes: new WriterThread(path), worker },
    parts,
  );
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
