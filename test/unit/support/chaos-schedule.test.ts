import { expect, test } from 'vitest';
import { chaosSchedule } from '../../support/coherence/chaos-schedule.ts';

function titles(seed: number, count: number): string[] {
  return chaosSchedule(seed)
    .take(count)
    .map((step) => step.map(({ title }) => title).join(' + '))
    .toArray();
}

test('a seed gives the same faults again, and another one others', () => {
  expect(titles(7, 50)).toEqual(titles(7, 50));
  expect(titles(7, 50)).not.toEqual(titles(8, 50));
});

test('every kind of fault comes in a long run, some two at a time', () => {
  const kinds = new Set(
    titles(1, 400).flatMap((title) => title.replaceAll(/\d+/g, 'n').split(' + ')),
  );
  expect(kinds.size).toBe(18);
  expect(titles(1, 400).some((title) => title.includes(' + '))).toBe(true);
});
