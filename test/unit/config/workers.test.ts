import { describe, expect, it } from 'vitest';
import { load, problemsOf, smallest } from '../../support/config-file.ts';

const withSessions = `listeners:
  edge:
    address: 127.0.0.1:8081
    routes:
      - path: /
        upstream: app
upstreams:
  app:
    servers: [127.0.0.1:9000]
`;

describe('workers', () => {
  it.each([
    ['4', 4],
    ['auto', 'auto'],
  ])('may be many where nobody has a session: %s', (yaml, expected) => {
    expect(load(`${smallest}workers: ${yaml}\n`).workers).toBe(expected);
  });

  it.each(['2', 'auto'])('may not be many that do not share their sessions: %s', (workers) => {
    expect(problemsOf(`workers: ${workers}\n${withSessions}`)).toEqual([
      `1:10: workers: is ${workers}, but sessions in memory are known to one process; ` +
        'expected 1, or sessions.store with a type that workers share: sqlite or redis',
    ]);
  });

  it.each(['0', '257', '1.5', 'many', '-1'])('are no %s', (workers) => {
    const [problem = '', ...more] = problemsOf(`${smallest}workers: ${workers}\n`);
    expect(problem).toContain('expected a whole number from 1 to 256, or auto');
    expect(more).toEqual([]);
  });
});
