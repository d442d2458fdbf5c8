import { expect, it } from 'vitest';
import type { ConsoleQuestion } from '../../../src/admin/console-port.ts';
import { answerForConsole } from '../../../src/assembly/console-link.ts';
import { crewConsole } from '../../../src/assembly/crew-console.ts';

const question: ConsoleQuestion = {
  ...{ method: 'GET', path: '/console', query: '', host: 'localhost', isSecure: false },
  ...{ address: '127.0.0.1', requestId: 'r', fields: [], body: Buffer.alloc(0) },
};
const reply = { status: 200, fields: [], body: 'x' };
const look = { kind: 'seen', seen: {}, changed: {} };

/** Workers that give these answers, and whom of them was asked. */
function crewOf(answers: readonly unknown[]) {
  const asked: number[] = [];
  const serving = answers.map((answer, index) => ({
    link: {
      ask: async (): Promise<unknown> => {
        asked.push(index);
        return answer;
      },
    },
  }));
  return { asked, console: crewConsole({ serving }).port };
}

it('asks another worker where the first one does not answer, and that one first from then on', async () => {
  const { asked, console } = crewOf([null, reply]);
  expect(await console.answer(question)).toBe(reply);
  expect(asked).toEqual([0, 1]);
  expect(await console.answer(question)).toBe(reply);
  expect(asked).toEqual([0, 1, 1]);
  const looks = crewOf([null, null, look]);
  expect(await looks.console.look(question, {})).toBe(look);
  const nobody = crewOf([null]);
  expect(await nobody.console.look(question, {})).toEqual({ kind: 'unavailable' });
});

it('asks one worker for what must not be done twice', async () => {
  const { asked, console } = crewOf([null, reply]);
  expect((await console.answer({ ...question, method: 'POST' })).status).toBe(503);
  expect(asked).toEqual([0]);
});

it('has a worker log what went wrong', async () => {
  const answerers = new Map<string, (body: unknown) => unknown>();
  const lines: string[] = [];
  const broken = async (): Promise<never> => {
    throw new Error('a defect');
  };
  answerForConsole(
    { answer: (topic, answerer) => void answerers.set(topic, answerer) },
    { facts: () => ({}), desk: { answer: broken, look: broken } },
    { error: (event) => void lines.push(event) },
  );
  for (const topic of ['console', 'consoleLook']) {
    expect(await answerers.get(topic)?.({ question, seen: {}, view: {} })).toBeNull();
  }
  expect(lines).toEqual(['console.failed', 'console.failed']);
});
