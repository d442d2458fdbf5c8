import { describe, expect, test } from 'vitest';
import { Outage } from '../../../src/users/outage.ts';
import { ManualClock } from '../../support/manual-clock.ts';

describe('an outage', () => {
  test('lets one caller at a time ask again, and everybody once somebody was answered', () => {
    const clock = new ManualClock();
    const changes: unknown[] = [];
    const outage = new Outage(clock, (error) => changes.push(error));
    expect([outage.admits(), outage.admits()]).toEqual([true, true]);
    outage.failed('first');
    outage.failed('second');
    expect(outage.admits()).toBe(false);
    clock.advance(500);
    expect([outage.admits(), outage.admits()]).toEqual([true, false]);
    outage.failed('third');
    expect(outage.admits()).toBe(false);
    clock.advance(500);
    expect(outage.admits()).toBe(true);
    outage.answered();
    expect([outage.admits(), outage.admits()]).toEqual([true, true]);
    outage.answered();
    expect(changes).toEqual(['first', null]);
  });
});
