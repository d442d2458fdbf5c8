import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { staticDirectories } from '../../../src/config/directory.ts';
import { weaknessOf } from '../../../src/config/key-strength.ts';
import { load, problemsOf, smallest } from '../../support/config-file.ts';

const strong = 'kP3xV9qLw7Rt2YbN8mZc5HdJ4sFgA6Tu';
const other = 'Qe1Wr2Ty3Ui4Op5As6Df7Gh8Jk9Lz0Xc';
const remedy = 'expected at least 32 random characters, as `openssl rand -base64 48` gives them';

function withKeys(...keys: readonly string[]): string {
  return `${smallest}tokens:\n  keys:\n${keys.map((key) => `    - ${key}\n`).join('')}`;
}

describe('a token key', () => {
  it('keeps its place: the first issues', () => {
    const config = load(withKeys(`{id: new, secret: ${strong}}`, `{id: old, secret: ${other}}`));
    expect(config.tokens.keys.map((key) => [key.id, key.secret.reveal()])).toEqual([
      ['new', strong],
      ['old', other],
    ]);
  });

  it('comes from a file beside the configuration, without the line break at its end', () => {
    const yaml = withKeys('{id: a, secretFile: a.key}', '{id: b, secretFile: ./b.key}');
    const files = { 'a.key': `${strong}\n`, 'b.key': `${other}\r\n` };
    expect(load(yaml, { files }).tokens.keys.map((key) => key.secret.reveal())).toEqual([
      strong,
      other,
    ]);
  });

  it('keeps blanks and all line breaks but the last of its file', () => {
    const files = { 'a.key': ` ${strong}\n\n` };
    const config = load(withKeys('{id: a, secretFile: a.key}'), { files });
    expect(config.tokens.keys[0]?.secret.reveal()).toBe(` ${strong}\n`);
  });

  it.each([
    ['is missing', {}, 'names a file that does not exist'],
    ['is empty', { 'a.key': '\n' }, 'names a file that is empty'],
    ['is no text', { 'a.key': Uint8Array.of(0xff, 0xfe) }, 'names a file that is not UTF-8 text'],
  ])(
    'is refused when its file %s',
    (_claim, files: Record<string, string | Uint8Array>, message) => {
      expect(problemsOf(withKeys('{id: a, secretFile: a.key}'), { files })).toEqual([
        `9:27: tokens.keys[0].secretFile: ${message}; expected a readable text file with the secret, relative to this configuration`,
      ]);
    },
  );

  it('is refused when its file is a folder', () => {
    expect(problemsOf(withKeys('{id: a, secretFile: .}'))[0]).toContain(
      'names a file that is a folder',
    );
  });

  it('is given once, not in both ways', () => {
    const files = { 'a.key': strong };
    expect(
      problemsOf(withKeys(`{id: a, secret: ${strong}, secretFile: a.key}`), { files }),
    ).toEqual([
      '9:15: tokens.keys[0].secret: is there beside secretFile; expected either secret or secretFile',
    ]);
  });

  it('has an id of its own and a secret of its own', () => {
    const yaml = withKeys(`{id: a, secret: ${strong}}`, `{id: a, secret: ${strong}}`);
    expect(problemsOf(yaml)).toEqual([
      '10:12: tokens.keys[1].id: is the id of an earlier key; expected an id of its own',
      '10:23: tokens.keys[1].secret: gives the secret of an earlier key; expected a secret of its own',
    ]);
  });

  it.each(['{id: "a b", secret: S}', '{id: abcdefghijklmnopq, secret: S}', '{id: "", secret: S}'])(
    'has an id that fits into a token: not %s',
    (key) => {
      expect(problemsOf(withKeys(key.replace('S', strong)))).toEqual([
        expect.stringMatching(/^9:12: tokens\.keys\[0\]\.id: .*expected a key id of at most 16/),
      ]);
    },
  );

  it('without an id, without a secret, or a bare word is a problem each', () => {
    expect(problemsOf(withKeys(`{secret: ${strong}}`, '{id: b}', strong))).toEqual([
      '9:7: tokens.keys[0].id: is missing; expected a key id such as key1',
      '10:7: tokens.keys[1].secret: is missing; expected either secret or secretFile',
      '11:7: tokens.keys[2]: is text; expected a block of `key: value`',
    ]);
  });

  it.each([
    ['short', 'has only 5 characters'],
    ['x'.repeat(64), 'has too few different characters'],
    ['abab12ab'.repeat(4), 'has too few different characters'],
    ['Passw0rd!?'.repeat(4), 'repeats one short piece'],
    ['abcdefghijklmnopqrstuvwxyz0123456789', 'runs along the alphabet'],
    ['zyxwvutsrqponmlkjihgfedcba9876543210', 'runs along the alphabet'],
    ['notsosecret', 'is a published secret that everybody knows'],
    [
      '79-3@a!n-%&m_m$!2@9v2!nq&_%uus-sz-p(7!3=652f@=#a*v',
      'is a published secret that everybody knows',
    ],
    ['replace-me-with-the-output-of-openssl-rand', 'is a published secret that everybody knows'],
  ])('is refused when it is %j', (secret, message) => {
    expect(weaknessOf(secret)).toBe(message);
    expect(problemsOf(withKeys(`{id: a, secret: '${secret}'}`))).toEqual([
      `9:23: tokens.keys[0].secret: ${message}; ${remedy}`,
    ]);
  });

  it('is refused for the same reasons when it comes from a file', () => {
    const files = { 'a.key': 'notsosecret\n' };
    expect(problemsOf(withKeys('{id: a, secretFile: a.key}'), { files })).toEqual([
      `9:27: tokens.keys[0].secretFile: is a published secret that everybody knows; ${remedy}`,
    ]);
  });

  it.each([strong, '9f86d081884c7d659a2feaa0c55ad015', 'correct horse battery staple wagon'])(
    'is accepted when it is %j',
    (secret) => {
      expect(weaknessOf(secret)).toBeNull();
    },
  );
});

describe('a password', () => {
  const hash = `$argon2id$v=19$m=19456,t=2,p=1$${'c'.repeat(22)}$${'d'.repeat(43)}`;

  it('comes from a file too', () => {
    const yaml = `${smallest}directories:\n  d:\n    type: static\n    users:\n      - {username: u, passwordFile: u.hash}\n`;
    const config = load(yaml, { files: { 'u.hash': `${hash}\n` } });
    expect(staticDirectories(config.directories)[0]?.users[0]?.password.reveal()).toBe(hash);
  });

  it('may be plain text only where that is said', () => {
    const yaml = (isPlain: boolean): string =>
      `${smallest}directories:\n  d:\n    type: static\n    insecurePlainText: ${isPlain}\n    users:\n      - {username: u, password: word}\n`;
    expect(problemsOf(yaml(true))).toEqual([]);
    expect(problemsOf(yaml(false))).toEqual([expect.stringContaining('is no argon2id hash')]);
  });
});

describe('a secret', () => {
  const mark = 'hunter2-hunter2';

  it.each([
    ['in place', `tokens: {keys: [{id: a, secret: ${mark}}]}`],
    ['as an id', `tokens: {keys: [{id: "${mark} x", secret: ${mark}}]}`],
    ['in the place of the key', `tokens: {keys: [${mark}]}`],
    ['in the place of the keys', `tokens: {keys: ${mark}}`],
    ['in the place of the section', `tokens: ${mark}`],
    ['in the place of another section', `sessions: ${mark}`],
    ['in the place of a list', `staff: {roles: ${mark}}`],
    ['in the place of the upstreams', `upstreams: ${mark}`],
    ['as a file that is not there', `tokens: {keys: [{id: a, secretFile: ${mark}}]}`],
    [
      'as a password',
      `directories: {d: {type: static, users: [{username: u, password: ${mark}}]}}`,
    ],
    ['in the place of the user', `directories: {d: {type: static, users: [${mark}]}}`],
    ['in the place of the users', `directories: {d: {type: static, users: ${mark}}}`],
    ['in the place of a flag', `directories: {d: {type: static, insecurePlainText: ${mark}}}`],
    ['without the blank after the colon', `tokens: {keys: [{id: a, secret:${mark}}]}`],
    ['without its key', `tokens: {keys: [{id: a, ${mark}}]}`],
    ['as a key', `tokens: {${mark}: {}, keys: [{${mark}: a, ${mark}: b}]}`],
    ['as a password without its key', `directories: {d: {type: static, users: [{${mark}}]}}`],
    ['as a key of half the file', `"${mark}\n${'x '.repeat(30)}`],
    ['as a type', `directories: {d: {type: ${mark}}}`],
    ['from the environment, in a wrong place', 'log: {level: "${SECRET}"}'],
    ['from the environment, as an address', 'admin: {address: "${SECRET}"}'],
  ])('is in no problem: %s', (_claim, yaml) => {
    const problems = problemsOf(`${smallest}${yaml}\n`, { env: { SECRET: mark } });
    expect(problems).not.toEqual([]);
    expect(problems.join('\n')).not.toContain('hunter2');
  });

  it('of digits is in no problem', () => {
    const yaml = `${smallest}tokens: {keys: [{id: a, secret: 31415926}]}\n`;
    expect(problemsOf(yaml)).toEqual([
      '7:33: tokens.keys[0].secret: is a number; expected a secret, as text (in quotes if it looks like a number)',
    ]);
  });

  it('is not printed with the configuration that holds it', () => {
    const yaml = `${withKeys(`{id: a, secret: ${strong}}`)}directories: {d: {type: static, insecurePlainText: true, users: [{username: u, password: ${mark}}]}}\n`;
    const config = load(yaml);
    const printed = inspect(config, { depth: 20, showHidden: true }) + JSON.stringify(config);
    expect(printed).not.toContain('hunter2');
    expect(printed).not.toContain(strong);
  });
});
