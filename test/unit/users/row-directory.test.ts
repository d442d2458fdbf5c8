import { expect, test } from 'vitest';
import { silentLog } from '../../../src/observability/log.ts';
import { RowDirectory, type UserRow } from '../../../src/users/row-directory.ts';
import { ManualClock } from '../../support/manual-clock.ts';

class Rows extends RowDirectory {
  asked = 0;

  protected override lookUp(): Promise<UserRow | null> {
    this.asked += 1;
    return Promise.resolve(null);
  }

  protected override storedOf(): null {
    return null;
  }

  override close(): Promise<void> {
    return Promise.resolve();
  }
}

test('whoever the hashing pool would turn away is not looked up, and is told of an outage', async () => {
  const keys = { isFull: true, checkKey: () => Promise.resolve('unavailable' as const) };
  const parts = { keys, clock: new ManualClock(), log: silentLog };
  const rows = new Rows('rows', parts, { floor: [], outagePauseMs: 1_000 });
  expect(await rows.authenticate('ada', 'secret')).toEqual({ kind: 'unavailable' });
  expect(rows.asked).toBe(0);
  expect(rows.isOut).toBe(false);
  keys.isFull = false;
  await rows.authenticate('ada', 'secret');
  expect(rows.asked).toBe(1);
});
