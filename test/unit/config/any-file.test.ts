import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { problemsOf } from '../../support/config-file.ts';

const shipped = readFileSync(new URL('../../../config/portcullis.yaml', import.meta.url), 'utf8');
const withSecret = `${shipped}
tokens:
  keys:
    - id: key1
      secret: hunter2-kP3xV9qLw7Rt2YbN8mZc5HdJ4sFgA6Tu
`;
const line = /^\d+:\d+: (?:[\w[\]".:/ \\-]+: )?[^;]+; .+$/s;

const piece = fc.constantFrom(
  ...[
    '\n',
    '  ',
    '\t',
    '- ',
    ': ',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '#',
    '&a ',
    '*a',
    '!x ',
    '|\n',
    '---\n',
  ],
  ...[
    '${',
    '${X}',
    '${X:-1}',
    '\\',
    '%',
    '@',
    '? ',
    '<<: ',
    '~',
    '0',
    'null',
    '__proto__: 1\n',
    '\0',
    'ä',
    '😀',
  ],
);

describe('whatever a file holds', () => {
  it('loading it ends in a configuration or in problems with a place and a remedy, without the secret', () => {
    const change = fc.record({
      at: fc.nat(withSecret.length),
      removed: fc.oneof(fc.nat(3), fc.nat(60)),
      added: fc.array(piece, { maxLength: 3 }).map((pieces) => pieces.join('')),
    });
    const changes = fc.array(change, { minLength: 1, maxLength: 3 });
    const property = fc.property(changes, (edits) => {
      let text = withSecret;
      for (const { at, removed, added } of edits) {
        text = text.slice(0, at) + added + text.slice(at + removed);
      }
      // A cut inside the secret leaves other text, which may end up as a key; the mark tells.
      const problems = problemsOf(text);
      for (const problem of problems) expect(problem).toMatch(line);
      expect(problems.filter((problem) => /-kP3xV9qLw7Rt2Y/.test(problem))).toEqual([]);
    });
    fc.assert(property, { numRuns: 250, seed: 2 });
  });

  it('is not believed about the prototype of an object', () => {
    const problems = problemsOf(`${shipped}__proto__:\n  answers: tyke\nconstructor: {}\n`);
    expect(problems).toHaveLength(2);
    expect(problems.join('\n')).toContain('__proto__: is no option here');
  });
});
