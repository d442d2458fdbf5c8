import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

// Every process of a gateway of the soak is started with this (`--import`): on SIGUSR1 it writes down what it holds after
// a collection. The gateway itself has nothing that anybody could force a collection with. `--import` holds for threads
// as well, which have heaps of their own.
const folder = process.env['PORTCULLIS_SOAK_FOLDER'];
if (isMainThread && folder !== undefined) {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  process.on('SIGUSR1', () => {
    if (typeof collect === 'function') for (let times = 0; times < 4; times += 1) collect();
    const { external, heapUsed } = process.memoryUsage();
    const path = join(folder, `held-${String(process.pid)}.json`);
    writeFileSync(`${path}.part`, JSON.stringify({ heapBytes: heapUsed, externalBytes: external }));
    renameSync(`${path}.part`, path);
  });
}
