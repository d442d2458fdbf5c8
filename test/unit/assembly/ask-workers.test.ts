import { expect, it } from 'vitest';
import { askOneWorker, askWorkers, unknownHere } from '../../../src/assembly/ask-workers.ts';

function crewOf(...answers: readonly unknown[]) {
  const asked: number[] = [];
  const serving = answers.map((answer, index) => ({
    link: {
      ask: () => {
        asked.push(index);
        return Promise.resolve(answer);
      },
    },
  }));
  return { asked, serving };
}

const done = { kind: 'done', value: {} };
const page = { deed: 'page', skip: 0, count: 1 } as const;
const everybody = { deed: 'revokeEverybody' } as const;

it('another worker is asked where one answers nothing', async () => {
  const { asked, serving } = crewOf(null, done);
  expect(await askWorkers(serving, 'sessions', page)).toEqual(done);
  expect(asked).toEqual([0, 1]);
});

it('only where all have said that they do not know is it said that nobody does', async () => {
  const order = { deed: 'explainRecent', requestId: 'a' } as const;
  const otherwise = { kind: 'refused', sentence: 'nobody knows' } as const;
  const ask = (...answers: readonly unknown[]) =>
    askWorkers(crewOf(...answers).serving, 'explain', order, otherwise);
  expect(await ask(unknownHere, unknownHere)).toEqual(otherwise);
  expect(await ask(unknownHere, null, unknownHere)).toMatchObject({ kind: 'unavailable' });
  expect(await ask(null, done)).toEqual(done);
});

it('no other worker is asked to end the sessions of everybody, for the first may have', async () => {
  const { asked, serving } = crewOf(null, done);
  expect(await askOneWorker(serving, everybody)).toMatchObject({ kind: 'unavailable' });
  expect(asked).toEqual([0]);
});

it('nobody there is said to be so', async () => {
  const sentence = 'no worker answers at the moment';
  expect(await askOneWorker([], everybody)).toEqual({ kind: 'unavailable', sentence });
});
