import { describe, expect, it } from 'vitest';
import { interpolate } from '../../../src/config/interpolation.ts';
import { load, problemsOf, smallest } from '../../support/config-file.ts';

describe('interpolation of a text', () => {
  const environment = { A: 'one', EMPTY: '', TRICK: '${A}' };

  it.each([
    ['${A}', 'one'],
    ['x${A}y${A}', 'xoneyone'],
    ['${A:-two}', 'one'],
    ['${B:-two}', 'two'],
    ['${B:-}', ''],
    ['${EMPTY:-two}', 'two'],
    ['${EMPTY}', ''],
    ['${B:-a:b-c d}', 'a:b-c d'],
    ['$${A}', '${A}'],
    ['$$${A}', '$${A}'],
    ['${TRICK}', '${A}'],
    ['$A ${A} $', '$A one $'],
  ])('makes %j into %j', (text, filled) => {
    expect(interpolate(text, environment)).toEqual({ kind: 'filled', text: filled });
  });

  it.each(['', 'plain', '$A', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$dGFn', '{A}'])(
    'leaves %j alone',
    (text) => {
      expect(interpolate(text, environment)).toEqual({ kind: 'unchanged' });
    },
  );

  it('names all variables that are not set', () => {
    expect(interpolate('${B} ${A} ${C}', environment)).toEqual({
      kind: 'unset',
      names: ['B', 'C'],
    });
  });

  it.each(['${', '${}', '${A', '${1A}', '${A-b}', '${A:b}', '${A B}', '${A.B}'])(
    'refuses %j',
    (text) => {
      expect(interpolate(text, environment)).toEqual({ kind: 'malformed' });
    },
  );
});

describe('a value from the environment', () => {
  it('is a number, true or false where that is wanted, quoted or not', () => {
    const yaml = `${smallest}passwords:\n  threads: \${THREADS}\n  queueMax: "\${QUEUE:-7}"\naccessLog:\n  enabled: \${LOG}\n`;
    const config = load(yaml, { env: { THREADS: '3', LOG: 'false' } });
    expect(config.passwords).toMatchObject({ threads: 3, queueMax: 7 });
    expect(config.accessLog.isEnabled).toBe(false);
  });

  it('is text where that is wanted, though it looks like a number', () => {
    const secret = '01234567890123456789012345678976';
    const yaml = `${smallest}tokens:\n  keys:\n    - id: \${ID}\n      secret: \${SECRET}\nstaff:\n  roles:\n    - \${ROLE}\n`;
    const env = { ID: '007', SECRET: secret.split('').toReversed().join('5'), ROLE: 'true' };
    const config = load(yaml, { env });
    expect(config.tokens.keys[0]?.id).toBe('007');
    expect(config.tokens.keys[0]?.secret.reveal()).toBe(env.SECRET);
    expect(config.staff.roles).toEqual(['true']);
  });

  it('may be a part of a value', () => {
    const yaml = smallest.replace('127.0.0.1:0', '${HOST:-127.0.0.1}:${PORT:-80}');
    expect(load(yaml, { env: { PORT: '8080' } }).listeners[0]).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
    });
  });

  it('is never a structure', () => {
    for (const value of ['{roles: [a]}', '[a]', '- a', 'a: b', '*x', '!!map {}', '"quoted"']) {
      const yaml = `${smallest}answers: \${X}\n`;
      expect(problemsOf(yaml, { env: { X: value } })).toEqual([
        '7:10: answers: is "${X}", which gives something else with this environment; expected one of modern, tyke',
      ]);
    }
  });

  it('is not read again: it brings no references of its own', () => {
    const yaml = `${smallest}staff:\n  roles:\n    - \${X}\n`;
    expect(load(yaml, { env: { X: '${Y}', Y: 'boss' } }).staff.roles).toEqual(['${Y}']);
  });

  it('stands for its variable in a problem, because it may be a secret', () => {
    const yaml = `${smallest}passwords:\n  threads: \${THREADS}\n`;
    const problems = problemsOf(yaml, { env: { THREADS: 'hunter2' } });
    expect(problems).toEqual([
      '8:12: passwords.threads: is "${THREADS}", which gives something else with this environment; expected a whole number from 1 to 64',
    ]);
  });

  it('is a problem where it is not set, and only that one', () => {
    const yaml = `${smallest}admin:\n  address: \${HOST}:\${PORT}\n`;
    expect(problemsOf(yaml)).toEqual([
      '8:12: admin.address: needs HOST from the environment, where it is not set; set it, or write a default: ${HOST:-…}',
      '8:12: admin.address: needs PORT from the environment, where it is not set; set it, or write a default: ${PORT:-…}',
    ]);
  });

  it('is a problem where the reference is malformed', () => {
    expect(problemsOf(`${smallest}admin:\n  address: \${HOST PORT}\n`)).toEqual([
      '8:12: admin.address: has a ${ that names nothing; expected ${NAME} or ${NAME:-default}; $${ stands for ${ itself',
    ]);
  });

  it('is not looked for in keys and comments', () => {
    expect(problemsOf(`${smallest}# \${X}\nlog: {} # \${Y}\n`)).toEqual([]);
  });
});
