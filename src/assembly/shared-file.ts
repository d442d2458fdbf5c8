import { randomBytes } from 'node:crypto';
import { Follower } from '../coherence/follower.ts';
import { IpcBus } from '../coherence/ipc-bus.ts';
import { SqliteRevocationLog } from '../coherence/sqlite-revocation-log.ts';
import { systemClock } from '../lib/clock.ts';
import { createFileStores } from './file-stores.ts';
import { LinkWrites } from './link-writes.ts';
import type { StoreService } from './session-store.ts';
import type { WorkerParts } from './shared.ts';
import type { WorkerSeat } from './worker-seat.ts';

/**
 * A session file as a worker of a primary has it: read here, written by the primary's writer, followed through its log, with
 * the pipes to the primary as the bus. Opens nothing yet.
 */
export function createSharedFile(path: string, parts: WorkerParts, seat: WorkerSeat): StoreService {
  const worker = randomBytes(8).toString('hex');
  const { config, log } = parts;
  const { store, zones } = createFileStores({ path, writes: new LinkWrites(seat), worker }, parts);
  const bus = new IpcBus({ worker, boundMs: config.coherence.stalenessMs }, seat);
  const revocations = new SqliteRevocationLog(path);
  const follower = new Follower({
    worker,
    log: revocations,
    bus,
    table: null,
    times: config.coherence,
    clock: systemClock,
    onJump: (reason) => log[reason === 'first' ? 'debug' : 'warn']('coherence.jump', { reason }),
  });
  // The next primary does not know this worker: it takes no lease any more.
  void seat.lost.then(() => follower.stop());
  return {
    store,
    zones,
    othersOnline: async () => Math.max(0, ((await bus.members())?.length ?? 1) - 1),
    follower,
    start: async () => {
      await store.start();
      await follower.start();
    },
    stop: async () => {
      await follower.stop();
      revocations.close();
      zones.stop();
      await store.stop();
    },
  };
}
