import { describe, expect, it } from 'vitest';
import { configDifference } from '../../../src/config/config-difference.ts';
import { load, smallest } from '../../support/config-file.ts';

const differences = (one: string, other: string): readonly string[] =>
  configDifference(load(one), load(other));

/** Sound ones, and different. */
const secrets = [1, 2].map((seed) =>
  Array.from({ length: 48 }, (_, at) => ((at * 7 + seed * 11) % 36).toString(36)).join(''),
);

const key = (index: number): string =>
  `${smallest}tokens: {keys: [{id: a, secret: "${secrets[index] ?? ''}"}]}\n`;

describe('the difference of two configurations', () => {
  it('is empty for the same one in another place, and in other words', () => {
    expect(differences(smallest, smallest)).toEqual([]);
    expect(differences(smallest, `# a comment\n${smallest}`)).toEqual([]);
  });

  it('says where it is, what it was and what it is', () => {
    const other = smallest.replace('status: 204', 'status: 404');
    expect(differences(smallest, other)).toEqual([
      'listeners.edge.routes.edge/0.target.status: 204 → 404',
    ]);
  });

  it('finds members of lists by their names', () => {
    const one = `${smallest}      - {id: a, path: /a, respond: {}}\n      - {id: b, path: /b, respond: {}}\n`;
    const other = `${smallest}      - {id: b, path: /b, respond: {}}\n      - {id: c, path: /c, respond: {}}\n`;
    expect(differences(one, other)).toEqual([
      'listeners.edge.routes.a: removed',
      expect.stringMatching(/^listeners\.edge\.routes\.c: added: \{"id":"c",.*…$/),
    ]);
  });

  it('says of a secret only that it has changed', () => {
    const lines = differences(key(0), key(1));
    expect(lines).toEqual(['tokens.keys.a.secret: a secret has changed']);
    const [added] = differences(smallest, key(1));
    expect(added).toBe('tokens.keys.a: added: {"id":"a","secret":"[secret]"}');
  });
});
