import { describe, expect, it } from 'vitest';
import { Rates } from '../../../src/console/rates.ts';
import type { WorkerFacts } from '../../../src/console/worker-facts.ts';

const worker = (pid: number, counted: Partial<WorkerFacts>): WorkerFacts => ({
  ...{ node: 'n', worker: 1, pid, member: '', state: 'alone', leaseMs: null, members: 0 },
  ...{ requests: 0, errors: 0, settled: 0, settledMs: 0, cachedSessions: 0, streams: 0 },
  streamsOf: {},
  ...counted,
});

describe('rates', () => {
  it('are what was counted between two looks, by all workers together', () => {
    const rates = new Rates(1_000);
    rates.add([worker(1, { requests: 100 }), worker(2, { requests: 5 })], 0, 0);
    expect(rates.state.samples).toEqual([]);
    rates.add(
      [
        worker(1, { requests: 110, errors: 2, settled: 2, settledMs: 9 }),
        worker(2, { requests: 9 }),
      ],
      2_000,
      2_000,
    );
    expect(rates.state.samples).toEqual([
      {
        at: '1970-01-01T00:00:02.000Z',
        requestsPerSecond: 7,
        errorsPerSecond: 1,
        propagationMs: 4.5,
      },
    ]);
  });

  it('do not fall below nothing when a worker is replaced, and begin with the second look at it', () => {
    const rates = new Rates(1_000);
    rates.add([worker(1, { requests: 1_000 })], 0, 0);
    rates.add([worker(2, { requests: 300, settled: 9, settledMs: 9 })], 1_000, 1_000);
    rates.add([worker(2, { requests: 303, settled: 9, settledMs: 9 })], 2_000, 2_000);
    const shown = rates.state.samples.map((one) => [one.requestsPerSecond, one.propagationMs]);
    expect(shown).toEqual([
      [0, null],
      [3, null],
    ]);
  });

  it('do not take what a worker has counted in its life for that of a second when it missed a look', () => {
    const rates = new Rates(1_000);
    rates.add([worker(1, { requests: 10 }), worker(2, { requests: 5_000_000 })], 0, 0);
    rates.add([worker(1, { requests: 20 })], 1_000, 1_000);
    rates.add([worker(1, { requests: 30 }), worker(2, { requests: 5_000_008 })], 2_000, 2_000);
    expect(rates.state.samples.map((one) => one.requestsPerSecond)).toEqual([10, 14]);
  });

  it('are kept for a few minutes', () => {
    const rates = new Rates(1_000);
    for (let second = 0; second < 500; second += 1) rates.add([], second * 1_000, second * 1_000);
    expect(rates.state.samples).toHaveLength(150);
    expect(rates.state.samples.at(-1)?.at).toBe('1970-01-01T00:08:19.000Z');
  });
});
