import { expect, it } from 'vitest';
import { LinkWrites } from '../../../src/assembly/link-writes.ts';
import { writePatienceOf } from '../../../src/session/write-patience.ts';

it('a worker waits longer than the writer may take, and longest for the end of everybody', async () => {
  const waits: number[] = [];
  const writes = new LinkWrites({
    ask: (_topic, _write, timeoutMs) => {
      waits.push(timeoutMs);
      return Promise.resolve({ kind: 'touched', gone: [], revoked: [] });
    },
  });
  const terms = {
    ...{ idleTimeoutMs: 1, absoluteTimeoutMs: 1, touchIntervalMs: 1 },
    ...{ sessionsPerUserMax: 1, sessionsMax: 1 },
  };
  const touch = { deed: 'touch', nowMs: 0, touches: [] } as const;
  const everybody = { deed: 'revokeAll', nowMs: 0, terms, revoker: 'w', lost: null } as const;
  for (const write of [touch, everybody]) {
    await writes.perform(write);
    expect(waits.at(-1)).toBeGreaterThan(writePatienceOf(write));
  }
  expect(waits).toEqual([3_000, 241_000]);
});
