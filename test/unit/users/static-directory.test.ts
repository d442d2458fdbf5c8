import { describe, expect, test } from 'vitest';
import type {
  StaticDirectoryConfig,
  StaticUserConfig,
} from '../../../src/config/static-directory.ts';
import { Secret } from '../../../src/lib/secret.ts';
import { HashPool } from '../../../src/passwords/hash-pool.ts';
import { StaticDirectory } from '../../../src/users/static-directory.ts';
import { DirectoryConfigError } from '../../../src/users/directory-config-error.ts';
import type { Directory } from '../../../src/users/directory.ts';
import { KeysHere } from '../../support/keys-here.ts';
import { testDirectory } from '../../contract/directory.ts';
import type { DirectoryFixture } from '../../contract/directory.ts';

const password = 'correct horse battery staple';
// printf %s 'correct horse battery staple' | argon2 saltsaltsaltsalt -id -t 1 -k 8 -p 1 -l 16 -e
const cheap = '$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$9fjtq3oG7lMfEoslN4QnSg';

function user(username: string, text: string, groups: string[] = []): StaticUserConfig {
  return { username, password: new Secret(text), role: 'physician', groups };
}

function configOf(users: StaticUserConfig[], insecurePlainText = false): StaticDirectoryConfig {
  return { type: 'static', name: 'local', insecurePlainText, users };
}

function fail(error: unknown): never {
  throw error;
}

async function makeWithHashes(): Promise<DirectoryFixture> {
  const pool = new HashPool({ threads: 1, queueMax: 8, queueTimeoutMs: 60_000 }, fail);
  await pool.start();
  return {
    directory: new StaticDirectory(configOf([user('Éva', cheap, ['group1', 'group2'])]), pool),
    user: {
      username: 'Éva',
      otherSpellings: ['E\u0301va', 'Éｖａ'],
      password,
      principal: {
        subject: 'Éva',
        directory: 'local',
        role: 'physician',
        groups: ['group1', 'group2'],
        attributes: {},
      },
    },
    fault: { begin: () => pool.stop(), end: () => pool.start() },
    [Symbol.asyncDispose]: () => pool.stop(),
  };
}

async function makeWithPlainText(): Promise<DirectoryFixture> {
  const pool = new HashPool({ threads: 1, queueMax: 0, queueTimeoutMs: 60_000 }, fail);
  return {
    directory: new StaticDirectory(configOf([user('user1', 'pass1')], true), pool),
    user: {
      username: 'user1',
      otherSpellings: [],
      password: 'pass1',
      principal: {
        subject: 'user1',
        directory: 'local',
        role: 'physician',
        groups: [],
        attributes: {},
      },
    },
    fault: null,
    [Symbol.asyncDispose]: () => pool.stop(),
  };
}

testDirectory('a static directory of hashes', makeWithHashes);
testDirectory('a static directory of plain text', makeWithPlainText);

describe('a static directory', () => {
  test('hashes once for a known and an unknown name, at the same cost', async () => {
    const pool = new KeysHere();
    const directory = new StaticDirectory(configOf([user('user1', cheap)]), pool);
    const costs = [];
    for (const name of ['user1', 'nobody-here']) {
      expect(await directory.authenticate(name, 'wrong')).toMatchObject({ kind: 'rejected' });
      expect(pool.jobs).toHaveLength(1);
      const { derivation, password: sent, key } = pool.jobs.pop() ?? fail('no job');
      expect(sent).toBe('wrong');
      costs.push({ derivation, keyBytes: key.length });
    }
    expect(costs[0]).toEqual(costs[1]);
  });

  test('hashes nothing for what cannot be a name or a password', async () => {
    const pool = new KeysHere();
    const directory = new StaticDirectory(configOf([user('user1', cheap)]), pool);
    for (const [name, word] of [
      ['user1', ''],
      ['user1', '\0'],
      ['', 'x'],
      ['a\nb', 'x'],
    ] as const) {
      expect(await directory.authenticate(name, word)).toMatchObject({ kind: 'rejected' });
    }
    expect(pool.jobs).toEqual([]);
  });

  test('rejects an unknown name even when its decoy is matched', async () => {
    const matching = {
      checkKey: async () => ({ isMatch: true, spentMicroseconds: 1 }),
    };
    const directory = new StaticDirectory(configOf([user('user1', cheap)]), matching);
    expect(await directory.authenticate('nobody-here', password)).toMatchObject({
      kind: 'rejected',
    });
  });

  test('tells upper from lower case in names', async () => {
    const directory = new StaticDirectory(configOf([user('user1', cheap)]), new KeysHere());
    expect(await directory.authenticate('User1', password)).toMatchObject({ kind: 'rejected' });
    expect(await directory.find('USER1')).toMatchObject({ kind: 'rejected' });
  });

  test('gives one frozen principal for every login of a user', async () => {
    const config = configOf([user('user1', cheap, ['group1'])]);
    const directory = new StaticDirectory(config, new KeysHere());
    const principals = [
      await principalFrom(directory, 'user1'),
      await principalFrom(directory, ' user1'),
    ];
    expect(principals[0]).toBe(principals[1]);
    expect(Object.isFrozen(principals[0])).toBe(true);
    expect(Object.isFrozen(principals[0]?.groups)).toBe(true);
    expect(Object.isFrozen(principals[0]?.attributes)).toBe(true);
  });

  test('is not built from bad users, and names every problem but no password', () => {
    const users = [
      user('user1', cheap),
      user(' user1 ', cheap),
      user('user2', 'hunter2'),
      user('a\nb', cheap),
      user('user3', cheap.replace('t=1', 't=1000')),
    ];
    try {
      const directory = new StaticDirectory(configOf(users), new KeysHere());
      expect.unreachable(directory.name);
    } catch (error) {
      if (!(error instanceof DirectoryConfigError)) throw error;
      expect(error.problems).toHaveLength(4);
      expect(error.message).toContain('directory local: user user1 is there twice');
      expect(error.message).toContain('user2');
      expect(error.message).toContain('user 4');
      expect(error.message).not.toContain('hunter2');
      expect(error.message).not.toContain('c2FsdHNhbHRz');
    }
  });
});

async function principalFrom(directory: Directory, username: string) {
  const verdict = await directory.authenticate(username, password);
  return verdict.kind === 'accepted' ? verdict.principal : fail(verdict);
}
