import { describe, expect, it } from 'vitest';
import { problemsOf, smallest } from '../../support/config-file.ts';

describe('a key that is there twice', () => {
  it('is reported like every other problem, wherever it is', () => {
    const yaml = `${smallest}log: {level: info, level: warn}\nstaff:\n  roles: []\nlog: {}\n`;
    expect(problemsOf(yaml)).toEqual([
      '7:20: log.level: is there a second time; expected each key once',
      '10:1: log: is there a second time; expected each key once',
    ]);
  });

  it('does not keep other problems from being reported', () => {
    expect(problemsOf(`${smallest}workers: 1\nworkers: 1\nanswers: x\n`)).toHaveLength(2);
  });
});

const broken: readonly (readonly [claim: string, yaml: string, problem: string])[] = [
  [
    'a tab as indentation',
    'log:\n\tlevel: info\n',
    '8:1: log: is indented with a tab; expected blanks',
  ],
  [
    'a quote without an end',
    'log: "x\n',
    '8:1: log: is not complete; expected a `:` after a key, an end to every quote, [ and {, and quotes around ${…} between brackets',
  ],
  [
    'a bracket without an end',
    'staff:\n  roles: [a, b\nlog: {}\n',
    '9:1: staff: is indented wrongly, or a bracket before it is not closed; options of one block begin in the same column, and every [ and { has its end',
  ],
  [
    'two options on a line',
    'log: level: info\n',
    '7:6: log: holds a second `key:` in one line, or a line that is indented too far; put values that contain `: ` in quotes, and one option on a line',
  ],
  [
    'a second document',
    '---\nlog: {}\n',
    '7:1: listeners: begins a second document; expected one document, so no `---` after the first line',
  ],
  [
    'an unknown tag',
    'answers: !secret modern\n',
    '7:10: answers: has a tag that nothing here knows; leave the !tag out',
  ],
  [
    'a value that begins with a reserved character',
    'answers: @modern\n',
    '7:10: answers: begins with a character that YAML keeps for itself; put the value in quotes',
  ],
  [
    'an unknown escape',
    'answers: "\\q"\n',
    '7:11: answers: has an unknown escape after a backslash; write \\\\ for a backslash, or use single quotes',
  ],
  [
    'an alias of nothing',
    'answers: *other\n',
    '7:10: answers: is an alias of nothing; expected the &anchor before its *alias',
  ],
  [
    'a key that is a list',
    '? [a]\n: b\n',
    '7:3: has a key that is no word; expected a word as a key',
  ],
  [
    'an interpolation between brackets, which YAML reads itself',
    'staff: {roles: [${ROLE}]}\n',
    '7:18: staff: is not complete; expected a `:` after a key, an end to every quote, [ and {, and quotes around ${…} between brackets',
  ],
];

describe('a syntax error', () => {
  it.each(broken)('is reported with its place and the remedy: %s', (_claim, yaml, problem) => {
    expect(problemsOf(smallest + yaml)).toEqual([problem]);
  });

  it('does not hide the problems of the sections before it, and nothing is guessed about the rest', () => {
    const yaml = `answers: old\nlog:\n  level: "info\nlisteners: {}\nworkers: 9\n`;
    expect(problemsOf(yaml).map((line) => line.split(':').slice(0, 3).join(':'))).toEqual([
      '1:10: answers',
      '6:1: log',
    ]);
  });

  it('never quotes the text, which may be a secret', () => {
    const secrets = [
      '"hunter2',
      '[hunter2',
      '@hunter2',
      '*hunter2 x',
      'a: hunter2',
      '"\\hunter2"',
      '|hunter2',
    ];
    for (const secret of secrets) {
      const yaml = `${smallest}tokens:\n  keys:\n    - id: a\n      secret: ${secret}\n`;
      const problems = problemsOf(yaml);
      expect(problems).not.toEqual([]);
      expect(problems.join('\n')).not.toContain('hunter2');
    }
  });
});

describe('an anchor', () => {
  it('may be used again', () => {
    const yaml = `${smallest}upstreams:\n  a: &a {servers: [x:1]}\n  b: *a\n`;
    expect(problemsOf(yaml)).toEqual([]);
  });

  it('cannot hold itself', () => {
    const [problem, ...others] = problemsOf(`${smallest}log: &log\n  level: *log\n`);
    expect(problem).toContain('goes too deep or is too large');
    expect(others).toEqual([]);
  });

  it('cannot be multiplied without bound', () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const before = level === 0 ? '1' : `*a${level - 1}`;
      return `  x${level}: &a${level} [${Array.from({ length: 10 }, () => before).join(', ')}]\n`;
    });
    const [problem, ...others] = problemsOf(`${smallest}log:\n${levels.join('')}`);
    expect(problem).toContain('goes too deep or is too large');
    expect(others).toEqual([]);
  });
});
