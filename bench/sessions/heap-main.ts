import { isMainThread } from 'node:worker_threads';
import { setFlagsFromString, writeHeapSnapshot } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What a gateway holds after a collection, in bytes. */
export interface HeldMemory {
  readonly heap: number;
  /** Beside the heap: buffers and typed arrays. */
  readonly external: number;
}

// A gateway is started with this (`--import`): it tells what its heap holds when it is asked. `--import` holds for its
// threads as well, which have heaps of their own.
if (isMainThread && process.channel) {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  process.on('message', (question) => {
    const path =
      typeof question === 'object' && question !== null && 'snapshotPath' in question
        ? question.snapshotPath
        : null;
    if (typeof collect === 'function') for (let times = 0; times < 3; times += 1) collect();
    if (typeof path === 'string') writeHeapSnapshot(path);
    const { external, heapUsed } = process.memoryUsage();
    process.send?.({ heap: heapUsed, external } satisfies HeldMemory);
  });
  // It keeps no process alive.
  process.channel.unref();
}
