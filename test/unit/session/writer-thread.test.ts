import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { expect, it, vi } from 'vitest';
import { SessionFolder } from '../../support/session-file.ts';
import type { SessionWrite } from '../../../src/session/session-writes.ts';
import { WriterThread } from '../../../src/session/writer-thread.ts';

const threads = vi.hoisted((): Worker[] => []);
vi.mock(import('node:worker_threads'), async (original) => {
  const real = await original();
  class SeenWorker extends real.Worker {
    constructor(...args: ConstructorParameters<typeof real.Worker>) {
      super(...args);
      threads.push(this);
    }
  }
  return { ...real, Worker: SeenWorker };
});

const sweep: SessionWrite = {
  deed: 'sweep',
  nowMs: 0,
  terms: {
    idleTimeoutMs: 1_000,
    absoluteTimeoutMs: 1_000,
    touchIntervalMs: 100,
    sessionsPerUserMax: 10,
    sessionsMax: 10,
  },
};

it('the writer of the session file is begun again by the next write after it died', async () => {
  await using folder = await SessionFolder.make();
  const writer = new WriterThread(join(folder.path, 'sessions.db'));
  await writer.start();
  const before = await writer.perform(sweep);
  expect(before.kind).not.toBe('failed');
  const waiting = writer.perform(sweep);
  await threads[0]?.terminate();
  // What was under way has an answer, whichever it was.
  expect(['failed', before.kind]).toContain((await waiting).kind);
  const after = await writer.perform(sweep);
  expect({ ...after, threads: threads.length }).toEqual({ ...before, threads: 2 });
  await writer.stop();
});
