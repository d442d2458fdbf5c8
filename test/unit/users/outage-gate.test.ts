import { describe, expect, test } from 'vitest';
import { OutageGate, stillOut } from '../../../src/users/outage-gate.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const fault = new Error('a fault of ours');

function gateWith(changes: unknown[], pauseMs = 0, clock = new ManualClock()): OutageGate {
  return new OutageGate({
    clock,
    pauseMs,
    isOutage: (error) => error !== fault,
    onChange: (isOut, error) => changes.push([isOut, error]),
  });
}

const failing = (error: unknown) => async (): Promise<never> => {
  throw error;
};

describe('the gate before something that is out', () => {
  test('lets one at a time find out, turns others away at once, and opens to all with the first answer', async () => {
    const changes: unknown[] = [];
    const gate = gateWith(changes);
    await expect(gate.run(failing('first'))).rejects.toBe('first');
    expect(gate.isOut).toBe(true);
    const { promise, reject } = Promise.withResolvers<never>();
    const finding = gate.run(() => promise);
    expect(await gate.run(async () => 'never asked')).toBe(stillOut);
    reject('second');
    await expect(finding).rejects.toBe('second');
    expect(await gate.run(async () => 'an answer')).toBe('an answer');
    expect(gate.isOut).toBe(false);
    expect(await Promise.all([1, 2].map((one) => gate.run(async () => one)))).toEqual([1, 2]);
    expect(changes).toEqual([
      [true, 'first'],
      [false, null],
    ]);
  });

  test('keeps everybody from asking for a while after a failure, where it is told to', async () => {
    const clock = new ManualClock();
    const gate = gateWith([], 500, clock);
    await expect(gate.run(failing('first'))).rejects.toBe('first');
    clock.advance(499);
    expect(await gate.run(async () => 'never asked')).toBe(stillOut);
    clock.advance(1);
    await expect(gate.run(failing('second'))).rejects.toBe('second');
    expect(await gate.run(async () => 'never asked')).toBe(stillOut);
    clock.advance(500);
    expect(await gate.run(async () => 'an answer')).toBe('an answer');
  });

  test('does not take a fault of ours for an outage', async () => {
    const changes: unknown[] = [];
    const gate = gateWith(changes);
    await expect(gate.run(failing(fault))).rejects.toBe(fault);
    expect([gate.isOut, changes]).toEqual([false, []]);
  });
});
