import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BodyPace } from '../../../src/wire/body-pace.ts';

function paceOf(idleMs: number, rate: number): BodyPace {
  const pace = new BodyPace(idleMs, rate);
  pace.begin();
  return pace;
}

describe('the pace of a body', () => {
  it('lets a body that is fast enough pause for the whole time, again and again', () => {
    const pace = paceOf(15_000, 100);
    for (let round = 0; round < 10; round++) {
      expect(pace.deadlineMs(round * 14_000, round * 1_500)).toBe(round * 14_000 + 15_000);
    }
  });

  it('shrinks the pauses of one that drips, until there is none', () => {
    const pace = paceOf(15_000, 100);
    expect(pace.deadlineMs(0, 0)).toBe(15_000);
    expect(pace.deadlineMs(14_000, 1)).toBe(14_000 + 1_010);
    expect(pace.deadlineMs(15_000, 2)).toBe(15_000 + 20);
  });

  it('does not count the time in which somebody else was waited for', () => {
    const pace = paceOf(15_000, 100);
    pace.deadlineMs(0, 0);
    pace.pause();
    expect(pace.deadlineMs(100_000, 0)).toBe(115_000);
  });

  it('at rate 0 is the same pause for any rate', () => {
    const pace = paceOf(15_000, 0);
    for (let at = 0; at < 100_000; at += 14_999) expect(pace.deadlineMs(at, at)).toBe(at + 15_000);
  });

  it('never lets a body of so many bytes take longer than its rate and one pause', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 1_000 }), fc.nat(50)), { maxLength: 100 }),
        (rate, pieces) => {
          const pace = paceOf(1_000, rate);
          let deadlineMs = pace.deadlineMs(0, 0);
          let nowMs = 0;
          let bytes = 0;
          for (const [share, size] of pieces) {
            // As late as it may be, or a part of that.
            nowMs += ((deadlineMs - nowMs) * share) / 1_000;
            bytes += size;
            deadlineMs = pace.deadlineMs(nowMs, bytes);
          }
          expect(deadlineMs).toBeLessThanOrEqual(1_000 + (bytes / rate) * 1_000 + 0.001);
        },
      ),
    );
  });
});
