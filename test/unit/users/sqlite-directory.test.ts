import { systemClock } from '../../../src/lib/clock.ts';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { silentLog } from '../../../src/observability/log.ts';
import type { Log } from '../../../src/observability/log.ts';
import { hashPassword } from '../../../src/passwords/hash-password.ts';
import { SqliteDirectory } from '../../../src/users/sqlite-directory.ts';
import { UserFile } from '../../../src/users/user-file.ts';
import { testDirectory } from '../../contract/directory.ts';
import type { DirectoryFixture } from '../../contract/directory.ts';
import { KeysHere } from '../../support/keys-here.ts';

const password = 'correct horse battery staple';
const cheap = hashPassword(password, { memoryKib: 8, iterations: 1, parallelism: 1 });
const user = {
  username: 'Éva',
  password: cheap,
  role: 'physician',
  groups: ['group1', 'group2'],
  isDisabled: false,
};

interface Belongings extends Disposable {
  readonly path: string;
  readonly keys: KeysHere;
  readonly lines: string[];
  readonly directory: SqliteDirectory;
  change(deed: (file: UserFile) => unknown): void;
}

/** A folder of its own with a file that holds one user. */
function belongings(): Belongings {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-users-'));
  const path = join(folder, 'users.db');
  const keys = new KeysHere();
  const lines: string[] = [];
  const log: Log = {
    ...silentLog,
    warn: (event) => lines.push(event),
    info: (event) => lines.push(event),
  };
  const config = { type: 'sqlite' as const, name: 'local', path };
  const directory = new SqliteDirectory(config, { keys, clock: systemClock, log });
  const change = (deed: (file: UserFile) => unknown): void => {
    const file = UserFile.openToWrite(path, true);
    deed(file);
    file.close();
  };
  change((file) => file.add(user));
  return {
    ...{ path, keys, lines, directory, change },
    [Symbol.dispose]: () => {
      void directory.close();
      rmSync(folder, { recursive: true });
    },
  };
}

testDirectory('an SQLite directory', async (): Promise<DirectoryFixture> => {
  const { directory, path, ...rest } = belongings();
  return {
    directory,
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
    fault: {
      begin: async () => renameSync(path, `${path}.away`),
      end: async () => renameSync(`${path}.away`, path),
    },
    [Symbol.asyncDispose]: async () => rest[Symbol.dispose](),
  };
});

describe('an SQLite directory', () => {
  test('sees a change at the next login', async () => {
    using all = belongings();
    const { directory, change } = all;
    const kinds = async (): Promise<string[]> => [
      (await directory.authenticate('Éva', password)).kind,
      (await directory.authenticate('Éva', 'other')).kind,
      (await directory.find('Éva')).kind,
    ];
    expect(await kinds()).toEqual(['accepted', 'rejected', 'accepted']);
    change((file) => file.setDisabled('Éva', true));
    expect(await kinds()).toEqual(['rejected', 'rejected', 'rejected']);
    change((file) => file.setDisabled('Éva', false));
    const other = hashPassword('other', { memoryKib: 8, iterations: 1, parallelism: 1 });
    change((file) => file.setPassword('Éva', other));
    expect(await kinds()).toEqual(['rejected', 'accepted', 'accepted']);
  });

  test('marks a password so that a changed one shows', async () => {
    using all = belongings();
    const { directory, change } = all;
    const before = await directory.standing('Éva');
    expect(await directory.standing('Éva')).toEqual(before);
    change((file) =>
      file.setPassword(
        'Éva',
        cheap.replace(/.$/, (last) => (last === 'A' ? 'E' : 'A')),
      ),
    );
    expect(await directory.standing('Éva')).not.toEqual(before);
  });

  test('hashes the same for nobody, a disabled user and a wrong password', async () => {
    using all = belongings();
    const { directory, keys, change } = all;
    const dear = hashPassword(password, { memoryKib: 32_768, iterations: 2, parallelism: 1 });
    change((file) => file.add({ ...user, username: 'dear', password: dear }));
    change((file) => file.add({ ...user, username: 'gone', password: dear, isDisabled: true }));
    await directory.authenticate('nobody-here', 'wrong');
    keys.jobs.length = 0;
    for (const name of ['nobody-here', 'gone', 'dear', 'Éva']) {
      expect(await directory.authenticate(name, 'wrong')).toMatchObject({ kind: 'rejected' });
    }
    expect(await directory.authenticate('gone', password)).toMatchObject({ kind: 'rejected' });
    expect(keys.jobs).toHaveLength(5);
    const derivations = keys.jobs.map((job) => JSON.stringify({ ...job.derivation, salt: '' }));
    const [nobody, gone, wrong, cheapOne, right] = derivations;
    expect([gone, wrong, right]).toEqual([nobody, nobody, nobody]);
    expect(cheapOne).not.toBe(nobody);
    // What the cheap one leaves is worked off.
    expect(keys.jobs[3]?.mismatchMicroseconds).toBeGreaterThan(10_000);
  });

  test('waits for a writer in the middle of its commit, without stopping everything', async () => {
    using all = belongings();
    const { directory, path } = all;
    const writer = new DatabaseSync(path);
    writer.exec('BEGIN EXCLUSIVE');
    const looking = directory.find('Éva');
    let turns = 0;
    const count = setInterval(() => {
      turns += 1;
      if (turns === 5) writer.exec('ROLLBACK');
    }, 1);
    expect((await looking).kind).toBe('accepted');
    clearInterval(count);
    expect(turns).toBeGreaterThanOrEqual(5);
    writer.close();
  });

  test('is unavailable where the file is missing or nobody wrote it for us, and says so once', async () => {
    using all = belongings();
    const { directory, path, lines } = all;
    renameSync(path, `${path}.away`);
    expect(await directory.find('Éva')).toEqual({ kind: 'unavailable' });
    const foreign = new DatabaseSync(path);
    foreign.exec('CREATE TABLE users (username TEXT PRIMARY KEY, password TEXT)');
    foreign.close();
    expect(await directory.find('Éva')).toEqual({ kind: 'unavailable' });
    expect(lines).toEqual(['directory.out']);
    renameSync(`${path}.away`, path);
    expect((await directory.find('Éva')).kind).toBe('accepted');
    expect(lines).toEqual(['directory.out', 'directory.back']);
  });
});
