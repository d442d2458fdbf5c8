import { describe, expect, it } from 'vitest';
import { NodeBoard } from '../../../src/console/node-board.ts';
import type { WorkerFacts } from '../../../src/console/worker-facts.ts';
import { waitFor } from '../../support/wait-for.ts';

const facts: WorkerFacts = {
  ...{ node: 'n', worker: 1, pid: 1, member: 'aa', state: 'coherent', leaseMs: 1, members: 1 },
  ...{ requests: 0, errors: 0, settled: 0, settledMs: 0, cachedSessions: 0, streams: 0 },
  streamsOf: {},
};

describe('the board of nodes', () => {
  it('has the note of each member, and those that left none', async () => {
    const notes = new Map<string, string | null>([
      ['aa', JSON.stringify(facts)],
      ['bb', null],
      ['cc', '{}'],
    ]);
    const store = { put: () => Promise.resolve(), notes: () => Promise.resolve(notes) };
    const all = await new NodeBoard(store, () => facts).all();
    expect(all?.map(({ member, state }) => [member, state])).toEqual([
      ['aa', 'coherent'],
      ['bb', 'unknown'],
      ['cc', 'unknown'],
    ]);
  });

  it('goes on through an outage', async () => {
    let puts = 0;
    const store = {
      put: () => {
        puts += 1;
        return Promise.reject(new Error('out'));
      },
      notes: () => Promise.reject(new Error('out')),
    };
    const board = new NodeBoard(store, () => facts, 1);
    expect(await board.all()).toBeNull();
    board.start();
    await waitFor('another note', () => puts > 2);
    board.stop();
  });
});
