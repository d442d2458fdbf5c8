import { expect, it } from 'vitest';
import { zoneTrouble } from '../../../src/assembly/zone-trouble.ts';
import { ManualClock } from '../../support/manual-clock.ts';

it('trouble with zones is said once in ten seconds, however many requests meet it', () => {
  const clock = new ManualClock();
  const said: string[] = [];
  const tell = zoneTrouble({ error: (event) => void said.push(event) }, clock);
  for (let times = 0; times < 50; times += 1) tell(new Error('it is so'));
  expect(said).toEqual(['zones.failed']);
  clock.advance(10_000);
  tell(new Error('it is so'));
  expect(said).toHaveLength(2);
});
