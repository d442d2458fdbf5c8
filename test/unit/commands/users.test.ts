import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { users } from '../../../src/commands/users.ts';
import { UserFile } from '../../../src/users/user-file.ts';
import { smallest } from '../../support/config-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'portcullis-users-'));
const config = join(folder, 'c.yaml');
const main = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));
writeFileSync(config, `${smallest}directories: {local: {type: sqlite, path: users.db}}\n`);
afterAll(() => rmSync(folder, { recursive: true }));

interface Told {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** As at a shell, with this on its standard input. */
function run(input: string, ...args: string[]): Told {
  const child = spawnSync(process.execPath, [main, 'users', ...args, '--config', config], {
    input,
    encoding: 'utf8',
  });
  return { code: child.status, out: child.stdout, err: child.stderr };
}

async function runHere(...args: string[]): Promise<Told> {
  let out = '';
  let err = '';
  const code = await users.run([...args, '--config', config], {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}

const quiet = { code: 0, out: '', err: '' };

describe('portcullis users', () => {
  test('adds, lists, disables, enables and gives another password', async () => {
    const added = run(
      'pässwörd 1\n',
      'add',
      'éva',
      '--role',
      'physician',
      '--group=b',
      '--group=a',
    );
    expect(added).toEqual(quiet);
    const path = join(folder, 'users.db');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const passwordOf = (): string | undefined => {
      const file = UserFile.open(path);
      const found = file.find('éva')?.password;
      file.close();
      return found;
    };
    const before = passwordOf();
    expect(before).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(run('other\n', 'passwd', 'éva')).toEqual(quiet);
    expect(passwordOf()).not.toBe(before);
    expect(await runHere('disable', 'éva')).toEqual(quiet);
    expect(await runHere('list')).toEqual({ ...quiet, out: 'éva\tphysician\tb,a\tdisabled\n' });
    expect(await runHere('enable', 'éva')).toEqual(quiet);
    const { out } = await runHere('list', '--json');
    expect(JSON.parse(out)).toEqual([
      { username: 'éva', role: 'physician', groups: ['b', 'a'], isDisabled: false },
    ]);
    const again = run('x\n', 'add', 'E\u0301va'.toLowerCase());
    expect(again).toEqual({
      code: 1,
      out: '',
      err: 'portcullis users: there is already a "éva"\n',
    });
    expect(run('\n', 'passwd', 'éva').err).toBe('portcullis users: the password is empty\n');
  });

  test('says who is not there', async () => {
    expect((await runHere('disable', 'nobody')).err).toBe(
      'portcullis users: there is no "nobody"\n',
    );
    expect((await runHere('list', '--directory', 'other')).err).toMatch(/has no directory "other"/);
  });

  test.each([
    [[]],
    [['lst']],
    [['add']],
    [['add', '']],
    [['add', 'a\nb']],
    [['add', 'user1', 'hunter2']],
    [['list', 'user1']],
    [['list', '--role', 'x']],
    [['add', 'user1', '--json']],
    [['add', 'user1', '--password', 'hunter2']],
    [['add', 'user1', '--role', ' x']],
  ])('refuses %j', async (args) => {
    const { code, out, err } = await runHere(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^portcullis users: [^\n]+\n$/);
    expect(err).not.toContain('hunter2');
  });
});
