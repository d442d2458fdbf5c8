import { describe, test } from 'vitest';
import { burst } from '../support/coherence/burst.ts';
import * as faults from '../support/coherence/faults.ts';
import { durable, runRow, type MatrixRow } from '../support/coherence/matrix-row.ts';
import * as stores from '../support/coherence/store-faults.ts';
import { patientMs } from '../support/patience.ts';

const clustered = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'];

const rows: readonly MatrixRow[] = [
  {
    title: 'a disk that is slow',
    faults: [stores.slowDisk(150, 15), stores.slowDisk(700, 3)],
    options: { redisArgs: durable },
  },
  {
    title: 'subscribers that are too slow, and ten thousand ends at once',
    faults: [stores.overflowed, burst(10_000)],
  },
  { title: 'an old primary that is left alone', faults: [stores.leftBehind] },
  {
    title: 'a slot that moves',
    faults: [stores.slotMoved],
    options: {
      redisArgs: clustered,
      store: { mode: 'cluster' },
      prepare: async (redis) => {
        await redis.command('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383);
      },
    },
  },
  {
    // Thirteen bounds: longer than anything here waits for, which is in bounds, too. At 5 s it would be a minute.
    title: 'Redis, and then a node, that stand still for long',
    faults: [faults.stopped(6_500), faults.asleep(6_500)],
    options: { boundsMs: [500] },
  },
];

describe('no worker accepts a session too late, and none refuses one that lives, with', () => {
  test.each(rows)('$title', runRow, patientMs(180_000));
});
