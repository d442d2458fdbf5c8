import { expect, it } from 'vitest';
import { RedisReads } from '../../../src/session/redis-reads.ts';
import { redisScripts } from '../../../src/session/redis-scripts.ts';
import type { RedisStore } from '../../../src/session/redis-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';

/** A store whose scripts are answered when they are told to be. */
function scene() {
  const clock = new ManualClock();
  const asked: { readonly keys: readonly unknown[]; readonly done: (ok: boolean) => void }[] = [];
  const store = {
    parts: { clock },
    scripts: redisScripts(),
    commandMs: 250,
    ask: (_: unknown, [, ...keys]: readonly unknown[]) =>
      new Promise((resolve, reject) => {
        asked.push({
          keys,
          done: (ok) => {
            if (ok) resolve(['ok', ...keys.map(() => 'unknown')]);
            else reject(new Error('no answer'));
          },
        });
      }),
  };
  const reads = new RedisReads(store as unknown as RedisStore, 1_000); // as much as reads ask of it
  return { clock, asked, reads };
}

const turn = (): Promise<void> => new Promise((go) => setImmediate(go));

it('reads of one turn go in scripts of 64 keys, four at a time', async () => {
  const { asked, reads } = scene();
  const answers = Array.from({ length: 300 }, (_, index) => reads.read(`k${String(index)}`));
  await turn();
  expect(asked.map(({ keys }) => keys.length)).toEqual([64, 64, 64, 64]);
  asked[0]?.done(true);
  await turn();
  expect(asked[4]?.keys.length).toBe(44);
  for (const { done } of asked) done(true);
  const kinds = new Set((await Promise.all(answers)).map(({ kind }) => kind));
  expect([...kinds]).toEqual(['none']);
});

it('reads that wait behind a store that says nothing are given up with it', async () => {
  const { asked, clock, reads } = scene();
  const answers = Array.from({ length: 300 }, (_, index) => reads.read(`k${String(index)}`));
  const settled = Promise.allSettled(answers);
  await turn();
  clock.advance(250);
  for (const { done } of asked) done(false);
  const states = new Set((await settled).map(({ status }) => status));
  expect([...states]).toEqual(['rejected']);
  expect(asked.length).toBe(4);
});
