import { describe, test } from 'vitest';
import * as faults from '../support/coherence/faults.ts';
import { durable, runRow, type MatrixRow } from '../support/coherence/matrix-row.ts';
import { patientMs } from '../support/patience.ts';

const rows: readonly MatrixRow[] = [
  {
    title: 'Redis that stands still, at a bound of 1 s',
    faults: [100, 500, 900, 1_100, 3_000].map((ms) => faults.stopped(ms)),
  },
  {
    title: 'Redis that stands still, at a bound of 5 s',
    faults: [900, 6_000].map((ms) => faults.stopped(ms)),
    options: { boundsMs: [5_000] },
  },
  { title: 'Redis that pauses or is full', faults: [faults.paused(700), faults.full] },
  {
    title: 'Redis that is killed',
    faults: [faults.killed, faults.restored],
    options: { redisArgs: durable },
  },
  { title: 'a fail-over', faults: [faults.failedOver(false), faults.failedOver(true)] },
  {
    title: 'messages that get lost or come late',
    faults: [faults.unsubscribed, faults.unheard(1_500), faults.lateMessages(150)],
  },
  {
    title: 'a node that is cut off',
    faults: [
      faults.isolated(2_500),
      faults.isolated(1_500, ['up']),
      faults.isolated(1_500, ['down']),
      faults.cut,
    ],
  },
  { title: 'connections that go dead', faults: [faults.oneByOne] },
  {
    title: 'a network that is slow',
    faults: [faults.lateReads(20), faults.slowNetwork(20, 60)],
  },
  {
    title: 'a node that stands still',
    faults: [faults.asleep(600), faults.asleep(2_500), faults.trimmed],
  },
  { title: 'a node that dies', faults: [faults.died, faults.died] },
  {
    title: 'nodes with different bounds',
    faults: [faults.isolated(2_500), faults.died],
    options: { boundsMs: [1_000, 2_000] },
  },
];

describe('no worker accepts a session too late, and none refuses one that lives, with', () => {
  test.each(rows)('$title', runRow, patientMs(180_000));
});
