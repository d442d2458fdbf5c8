import { describe, expect, it } from 'vitest';
import type { DirectoryConfig } from '../../../src/config/directory.ts';
import { load, problemsOf, smallest } from '../../support/config-file.ts';

const required = 'type: django, engine: mysql, database: app, username: gateway, password: sesame';

function yamlOf(options: string): string {
  return `${smallest}directories: {people: {${options}}}\n`;
}

function directoryOf(
  options: string,
  files: Record<string, string> = {},
): DirectoryConfig | undefined {
  return load(yamlOf(options), { files }).directories[0];
}

describe('a Django directory', () => {
  it('has the defaults of Django and of Tyke', () => {
    expect(directoryOf(`${required}, address: 'localhost:3306'`)).toMatchObject({
      engine: 'mysql',
      address: { host: 'localhost', port: 3306 },
      tls: { mode: 'off', ca: null, serverName: null },
      connectionsMax: 10,
      connectTimeoutMs: 3_000,
      queryTimeoutMs: 3_000,
      tables: {
        users: 'auth_user',
        usernameColumn: 'username',
        groups: 'auth_group',
        userGroups: 'auth_user_groups',
        userGroupsColumn: 'user_id',
        profile: null,
      },
      roles: {
        superuser: null,
        staff: 'staffuser',
        profile: ['physician', 'patient', 'staffuser', 'nobody'],
        otherwise: 'nobody',
      },
      iterationsMax: 5_000_000,
      weakHashers: [],
      refusalIterations: 0,
    });
  });

  it('verifies a database on another machine unless told otherwise, and warns then', () => {
    const far = `${required}, address: 'db.internal:3306'`;
    expect(directoryOf(far)).toMatchObject({ tls: { mode: 'verify' } });
    const { warnings } = load(yamlOf(`${far}, tls: {mode: off}`));
    expect(warnings).toContain(
      'directory people does not verify its database at db.internal:3306: whoever stands between can log in as everybody',
    );
  });

  it('reads its password and its authorities from files beside the configuration', () => {
    const options =
      "type: django, engine: postgresql, address: 'db.internal:5432', database: app, username: gateway, " +
      'passwordFile: db.password, tls: {caFile: ca.pem}';
    const ca = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';
    const directory = directoryOf(options, { 'db.password': 'sesame\n', 'ca.pem': ca });
    if (directory?.type !== 'django') throw new Error('no such directory');
    expect(directory.password.reveal()).toBe('sesame');
    expect(directory.tls).toEqual({ mode: 'verify', ca, serverName: null });
  });

  it.each([
    ['type: django, engine: mysql', 'directories.people.address: is missing'],
    ['type: django', 'directories.people.engine: is missing'],
    [`${required}, address: db.internal`, 'directories.people.address: does not fit'],
    [
      `${required}, address: 'db:3306', tables: {users: 'a b'}`,
      'people.tables.users: does not fit',
    ],
    [`${required}, address: 'db:3306', tables: {users: 'a\`b'}`, 'tables.users: does not fit'],
    [`${required}, address: 'db:3306', tls: {caFile: no.pem}`, 'names a file that does not exist'],
    [`${required}, address: '10.0.0.1:3306'`, 'directories.people.tls.serverName: is missing'],
    [`${required}, address: 'db:3306', weakHashers: [rot13]`, 'weakHashers[0]: does not fit'],
    [`${required}, address: 'db:3306', iterationsMax: 1e9`, 'iterationsMax: is a number'],
    [`${required}, address: 'db:3306', users: []`, 'users: is no option here'],
  ])('is refused: %s', (options, problem) => {
    const problems = problemsOf(yamlOf(options));
    expect(problems.join('\n')).toContain(problem);
    expect(problems.join('\n')).not.toContain('sesame');
  });
});

describe('an SQLite directory', () => {
  it('has its file beside the configuration', () => {
    const directory = directoryOf('type: sqlite, path: users.db');
    if (directory?.type !== 'sqlite') throw new Error('no such directory');
    expect(directory.path).toMatch(/^\/.*\/users\.db$/);
    expect(problemsOf(yamlOf('type: sqlite'))).toEqual([
      expect.stringContaining('directories.people.path: is missing; expected the path of a file'),
    ]);
  });
});
