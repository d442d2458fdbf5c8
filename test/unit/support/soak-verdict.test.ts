import { describe, expect, it } from 'vitest';
import { findingsOf, type SoakFigures } from '../../soak/verdict.ts';

const held = { processes: 3, heapBytes: 100 * 2 ** 20, descriptors: 50 };
const sound: SoakFigures = {
  endured: [
    {
      gateway: 'one',
      afterFirstSixth: held,
      atTheEnd: { ...held, heapBytes: held.heapBytes * 1.1, descriptors: 55 },
    },
  ],
  firstThirdP99Ms: 10,
  lastThirdP99Ms: 15,
  firstThirdDirectMs: 2,
  lastThirdDirectMs: 1,
  asked: 10_000,
  failed: 10,
};
const missedBy = (figures: SoakFigures): string[] =>
  findingsOf(figures)
    .filter(({ isMet }) => !isMet)
    .map(({ what }) => what);

/** The gateway as it was, and something else at the end. */
const endedWith = (more: Partial<typeof held>): SoakFigures => ({
  ...sound,
  endured: [{ gateway: 'one', afterFirstSixth: held, atTheEnd: { ...held, ...more } }],
});

describe('the verdict of a soak', () => {
  it('finds nothing at the very limits', () => {
    expect(missedBy(sound)).toEqual([]);
  });

  it.each([
    ['a heap that grows', endedWith({ heapBytes: held.heapBytes * 1.11 }), 'one: heap'],
    ['descriptors that stay', endedWith({ descriptors: 56 }), 'one: descriptors'],
    ['answers that come later', { ...sound, lastThirdP99Ms: 15.1 }, 'p99'],
    ['requests without their answer', { ...sound, failed: 11 }, '11 of 10000'],
    ['nothing that was asked', { ...sound, asked: 0, failed: 0, firstThirdP99Ms: 0 }, 'p99'],
  ])('finds %s', (_what, figures, begin) => {
    expect(missedBy(figures)[0]).toContain(begin);
  });

  it('lets a machine be slow that is so past the gateway, too, and no more', () => {
    const slower = { ...sound, lastThirdP99Ms: 22.5, lastThirdDirectMs: 4 };
    expect(missedBy(slower)).toEqual([]);
    expect(missedBy({ ...slower, lastThirdP99Ms: 22.6 })[0]).toContain('p99');
    // However slow it says to be, it is believed only so much.
    expect(missedBy({ ...slower, lastThirdDirectMs: 40, lastThirdP99Ms: 22.6 })).toHaveLength(1);
  });

  it('says the figures that it judges', () => {
    expect(findingsOf(sound).map(({ what }) => what)).toEqual([
      'one: heap after collection: 100.0 MiB after the first sixth, 110.0 MiB at the end (× 1.10, at most 1.1)',
      'one: descriptors: 50 after the first sixth, 55 at the end (× 1.10, at most 1.1)',
      'p99: 10.00 ms in the first third, 15.00 ms in the last (× 1.50, at most 1.5; past the gateway × 0.50)',
      '10 of 10000 requests were not answered as they should be',
    ]);
  });
});
