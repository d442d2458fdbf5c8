import { expect, it } from 'vitest';
import { CountShelf } from '../../../src/assembly/count-shelf.ts';
import { throttleFigures } from '../../../src/assembly/user-figures.ts';
import { ManualClock } from '../../support/manual-clock.ts';

it('who has to wait is counted by kind, and no longer when the wait is over', async () => {
  const clock = new ManualClock();
  const { buckets } = new CountShelf(100, 1, clock);
  const bans = throttleFigures({ buckets }).find(({ name }) => name === 'portcullis_bans_active');
  const counts = async (): Promise<readonly (readonly [string | undefined, number])[]> =>
    ((await bans?.read()) ?? []).map(({ labels, value }) => [labels['kind'], value] as const);
  const rule = { capacity: 2, refillMs: 1_000 };
  for (const key of ['account\nada', 'account\nada\n10.0.0.0', 'address\n10.0.0.1', 'overall']) {
    buckets.charge({ key, rule }, 2);
  }
  buckets.charge({ key: 'account\nbob', rule }, 1);
  expect(await counts()).toEqual([
    ['account', 2],
    ['address', 1],
    ['overall', 1],
  ]);
  clock.advance(1_000);
  expect((await counts()).map(([, count]) => count)).toEqual([0, 0, 0]);
});
