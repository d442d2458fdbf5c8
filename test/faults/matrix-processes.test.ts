import { describe, test } from 'vitest';
import { runRow, type MatrixRow } from '../support/coherence/matrix-row.ts';
import * as processes from '../support/coherence/process-faults.ts';
import { fileLocked } from '../support/coherence/store-faults.ts';
import { patientMs } from '../support/patience.ts';

const dayMs = 86_400_000;
/** Three workers of one primary that share a file. */
const onFile = { nodes: 1, store: { type: 'sqlite' }, sections: { workers: 3 } };

const rows: readonly MatrixRow[] = [
  {
    title: 'a node whose event loop is blocked',
    faults: [processes.blocked(700), processes.blocked(1_500)],
  },
  {
    title: 'a node whose wall clock is set',
    faults: [3_000, dayMs, -dayMs].map((ms) => processes.clockSet(ms)),
  },
  {
    title: 'workers on a file that stand still, or a file that is locked',
    faults: [
      processes.workerAsleep(600),
      processes.workerAsleep(2_500),
      processes.workerBlocked(700),
      fileLocked(700),
    ],
    options: onFile,
  },
  {
    title: 'workers on a file that die, and their primary',
    faults: [processes.workerDied, processes.workerDied, processes.primaryDied],
    options: onFile,
  },
];

describe('no worker accepts a session too late, and none refuses one that lives, with', () => {
  test.each(rows)('$title', runRow, patientMs(180_000));
});
