import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DjangoDirectoryConfig } from '../../src/config/django-directory.ts';
import { newSnapshot } from '../../src/config/read.ts';
import type { Principal } from '../../src/identity/principal.ts';
import { directoriesCheck } from '../../src/doctor/directories-check.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLog, type Log } from '../../src/observability/log.ts';
import { HashPool } from '../../src/passwords/hash-pool.ts';
import { createDirectory } from '../../src/users/create-directory.ts';
import type { Directory } from '../../src/users/directory.ts';
import { load, smallest } from '../support/config-file.ts';
import { account, DatabaseServer, type Engine } from '../support/database-server.ts';
import { djangoHashes } from '../support/django-hashes.ts';
import { addDjangoUsers, createDjangoTables, type DjangoRow } from '../support/django-tables.ts';
import { freePorts } from '../support/free-ports.ts';
import { patientMs } from '../support/patience.ts';
import { waitFor, within } from '../support/wait-for.ts';
import { testDirectory, type DirectoryFixture } from './directory.ts';

const word = 'correct horse, bättery';
const cheap = 'pbkdf2_sha256$1000$abcdefghijkl$RN8muruSpsd8kln5CjSMy4FnkgA5nMqCMev7ncj3v0o=';
const weak = ['md5', 'sha1', 'unsalted_md5', 'unsalted_sha1'];

const profile = 'tables: {profile: {table: myapp_userprofile}}';
const impatient = 'connectTimeout: 400ms, queryTimeout: 400ms';

function fail(error: unknown): never {
  throw error;
}

/** Everything that holds for both kinds of database. */
export function testDjangoDirectory(engine: Engine): void {
  const scene = new DjangoScene(engine);
  beforeAll(() => scene.set(), patientMs(60_000));
  afterAll(() => scene.strike());
  testDirectory(`a Django directory on ${engine}`, () => scene.fixture());
  describe(`a Django directory on ${engine}`, () => {
    testPeople(scene);
    testProtection(scene);
    testOutages(scene);
    testExamination(scene);
    // Last, because from then on every rejection takes as long as the dearest of them.
    describe('with every kind of hash', { timeout: patientMs(60_000) }, () => testHashers(scene));
  });
}

/** As `portcullis doctor` looks at it. */
function testExamination(scene: DjangoScene): void {
  const examine = async (directory: DjangoDirectoryConfig): Promise<readonly string[]> => {
    const diagnosis = await directoriesCheck.examine({
      config: { ...load(smallest), directories: [directory] },
      ...{ files: newSnapshot(), clock: systemClock, nodeVersion: 'v26.0.0' },
      ...{ descriptorLimit: null, spoofing: null },
    });
    return diagnosis.kind === 'looked' ? diagnosis.findings.map(({ fault }) => fault) : ['nothing'];
  };

  test('is found sound while it answers, and not with tables that are not there', async () => {
    expect(await examine(scene.config(profile))).toEqual([]);
    expect(await examine(scene.config('tables: {users: nobodys}'))).toEqual([
      expect.stringMatching(/^cannot be asked \(.*nobodys.*\): logins are answered 503$/),
    ]);
    const [free = 0] = await freePorts(1);
    expect(await examine(scene.config('', free))).toEqual([
      expect.stringMatching(/^cannot be asked \(.+\): logins are answered 503$/),
    ]);
  });
}

/** One server and one pool for all tests of a file. */
class DjangoScene {
  readonly engine: Engine;
  readonly hashes: ReadonlyMap<string, string> = djangoHashes(word);
  readonly #stack = new AsyncDisposableStack();
  #server: DatabaseServer | null = null;
  #pool: HashPool | null = null;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  get server(): DatabaseServer {
    if (this.#server === null) throw new Error('the scene is not set');
    return this.#server;
  }

  async set(): Promise<void> {
    this.#server = this.#stack.use(await DatabaseServer.start(this.engine));
    this.#pool = new HashPool({ threads: 2, queueMax: 64, queueTimeoutMs: 60_000 }, fail);
    await this.#pool.start();
    this.#stack.defer(async () => this.#pool?.stop());
    await createDjangoTables(this.#server);
    await addDjangoUsers(this.#server, people);
  }

  async strike(): Promise<void> {
    await this.#stack.disposeAsync();
  }

  config(options = '', port = this.server.port): DjangoDirectoryConfig {
    const own = `type: django, engine: ${this.engine}, address: '127.0.0.1:${String(port)}'`;
    const login = `database: app, username: gateway, password: '${account.password}'`;
    const more = options === '' ? '' : `, ${options}`;
    const yaml = `${smallest}directories: {people: {${own}, ${login}${more}}}\n`;
    const files = { 'ca.pem': this.server.authority };
    const [directory] = load(yaml, { files }).directories;
    if (directory?.type !== 'django') throw new Error('no such directory');
    return directory;
  }

  async directory(
    config = this.config(),
    log: Log = silentLog,
  ): Promise<Directory & AsyncDisposable> {
    if (this.#pool === null) throw new Error('the scene is not set');
    const directory = await createDirectory(config, { keys: this.#pool, clock: systemClock, log });
    return Object.assign(directory, {
      [Symbol.asyncDispose]: async () => directory.close?.(),
    });
  }

  async fixture(): Promise<DirectoryFixture> {
    const directory = await this.directory(this.config(profile));
    const { server } = this;
    return {
      directory,
      user: {
        username: 'Éva',
        otherSpellings: ['E\u0301va', 'Éｖａ', ...(this.engine === 'mysql' ? ['éva', 'EVA'] : [])],
        password: 'password',
        principal: principal('Éva', 'physician', ['group1', 'group2']),
      },
      fault: {
        begin: () => server.kill(),
        end: async () => {
          await server.begin();
          await waitFor('the directory', async () => isBack(directory));
        },
      },
      [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
    };
  }
}

async function isBack(directory: Directory): Promise<boolean> {
  return (await directory.find('Éva')).kind !== 'unavailable';
}

const people: readonly DjangoRow[] = [
  { username: 'Éva', password: cheap, groups: ['group2', 'group1'], role: 'physician' },
  { username: 'alone', password: cheap },
  { username: 'gone', password: cheap, isActive: false },
  { username: 'staff', password: cheap, isStaff: true, role: 'patient' },
  { username: 'root', password: cheap, isSuperuser: true, role: 'patient' },
  { username: 'odd', password: cheap, role: 'Physician' },
  { username: 'torn', password: cheap, role: 'patient' },
  { username: 'dear', password: cheap.replace('$1000$', '$5000001$') },
];

function principal(subject: string, role: string, groups: readonly string[] = []): Principal {
  return { subject, directory: 'people', role, groups, attributes: {} };
}

function testHashers(scene: DjangoScene): void {
  const strong = ['pbkdf2_sha256', 'pbkdf2_sha1', 'argon2', 'bcrypt_sha256', 'bcrypt'];

  beforeAll(async () => {
    const hashed = [...scene.hashes].map(([name, password]): DjangoRow => ({
      username: `with_${name}`,
      password,
    }));
    await addDjangoUsers(scene.server, hashed);
  });

  test('knows every kind of hash that Django writes, and only its password', async () => {
    await using directory = await scene.directory(
      scene.config(`weakHashers: [${weak.join(', ')}]`),
    );
    for (const kind of [...strong, ...weak, 'scrypt_1', 'scrypt_5']) {
      const accepted = await directory.authenticate(`with_${kind}`, word);
      expect(accepted.kind, kind).toBe('accepted');
    }
    for (const kind of ['pbkdf2_sha256', 'bcrypt', 'md5']) {
      const refused = await directory.authenticate(`with_${kind}`, `${word}.`);
      expect(refused.kind, kind).toBe('rejected');
    }
  });

  test('rejects broken kinds unless they are switched on, crypt, and what is unusable', async () => {
    const lines: unknown[] = [];
    const log: Log = { ...silentLog, warn: (event, fields) => lines.push([event, fields]) };
    await using directory = await scene.directory(scene.config('weakHashers: [sha1]'), log);
    for (const kind of ['md5', 'unsalted_md5', 'unsalted_sha1', 'crypt', 'unusable']) {
      expect((await directory.authenticate(`with_${kind}`, word)).kind, kind).toBe('rejected');
      // They are there all the same.
      expect((await directory.find(`with_${kind}`)).kind).toBe('accepted');
    }
    expect((await directory.authenticate('with_sha1', word)).kind).toBe('accepted');
    expect(JSON.stringify(lines)).toContain('crypt');
    expect(JSON.stringify(lines)).not.toContain(scene.hashes.get('crypt'));
  });

  test('rejects a row that asks for more iterations than the directory allows', async () => {
    await using directory = await scene.directory();
    expect((await directory.authenticate('dear', 'password')).kind).toBe('rejected');
    await using strict = await scene.directory(scene.config('iterationsMax: 1000'));
    expect((await strict.authenticate('alone', 'password')).kind).toBe('accepted');
    expect((await strict.authenticate('with_pbkdf2_sha256', word)).kind).toBe('rejected');
  });
}

function testPeople(scene: DjangoScene): void {
  test('lets in a user without groups and without a profile', async () => {
    await using directory = await scene.directory(scene.config(profile));
    expect(await directory.authenticate('alone', 'password')).toMatchObject({
      kind: 'accepted',
      principal: principal('alone', 'nobody'),
    });
  });

  test('rejects who is not active, and finds nobody there', async () => {
    await using directory = await scene.directory();
    expect(await directory.authenticate('gone', 'password')).toMatchObject({ kind: 'rejected' });
    expect(await directory.find('gone')).toMatchObject({ kind: 'rejected' });
    expect(await directory.standing?.('gone')).toMatchObject({ kind: 'rejected' });
  });

  test('gives staff their role before the profile, and superusers none of their own', async () => {
    await using directory = await scene.directory(scene.config(profile));
    const roles = await rolesOf(directory, ['staff', 'root', 'odd']);
    expect(roles).toEqual(['staffuser', 'patient', 'nobody']);
  });

  test('gives the roles that its configuration says', async () => {
    const roles = 'roles: {superuser: boss, staff: clerk, profile: [patient], otherwise: guest}';
    await using directory = await scene.directory(scene.config(`${profile}, ${roles}`));
    const names = ['staff', 'root', 'odd', 'Éva', 'torn', 'alone'];
    expect(await rolesOf(directory, names)).toEqual([
      ...['clerk', 'boss', 'guest', 'guest', 'patient', 'guest'],
    ]);
    await using bare = await scene.directory(scene.config("roles: {staff: ''}"));
    expect(await rolesOf(bare, names)).toEqual(Array(6).fill('nobody'));
  });

  test('reads tables and columns of other names, and a profile that says two things', async () => {
    await scene.server.execute(`
      CREATE TABLE accounts_person AS SELECT id, password, username AS email, is_active, is_staff, is_superuser FROM auth_user;
      CREATE TABLE accounts_person_groups AS SELECT user_id AS person_id, group_id FROM auth_user_groups;
      CREATE TABLE roles AS SELECT user_id AS who, role AS what FROM myapp_userprofile;
      INSERT INTO roles SELECT user_id, 'physician' FROM myapp_userprofile WHERE role = 'patient';
      INSERT INTO accounts_person SELECT id + 1000, password, email, is_active, is_staff, is_superuser FROM accounts_person WHERE email = 'odd';
    `);
    const tables =
      'tables: {users: accounts_person, usernameColumn: email, userGroupsColumn: person_id, ' +
      'profile: {table: roles, userColumn: who, roleColumn: what}}';
    await using directory = await scene.directory(scene.config(tables));
    expect(await directory.authenticate('Éva', 'password')).toMatchObject({
      kind: 'accepted',
      principal: principal('Éva', 'physician', ['group1', 'group2']),
    });
    expect(await rolesOf(directory, ['torn'])).toEqual(['nobody']);
    // Two rows of one name: nobody has it.
    expect(await directory.authenticate('odd', 'password')).toMatchObject({ kind: 'rejected' });
  });

  test('marks a password so that a changed one shows', async () => {
    await using directory = await scene.directory();
    const markOf = async (): Promise<string> => {
      const standing = await directory.standing?.('torn');
      return standing?.kind === 'accepted' ? (standing.passwordMark ?? '') : '';
    };
    const before = await markOf();
    expect(before).toMatch(/^[\w-]{22}$/);
    expect(await markOf()).toBe(before);
    const change = (hash: string): Promise<void> =>
      scene.server.execute(`UPDATE auth_user SET password = '${hash}' WHERE username = 'torn'`);
    await change(scene.hashes.get('pbkdf2_sha1') ?? '');
    expect(await markOf()).not.toBe(before);
    await change(cheap);
    expect(await markOf()).toBe(before);
  });
}

async function rolesOf(directory: Directory, names: readonly string[]): Promise<string[]> {
  const verdicts = await Promise.all(names.map((name) => directory.find(name)));
  return verdicts.map((verdict) =>
    verdict.kind === 'accepted' ? verdict.principal.role : verdict.kind,
  );
}

function testProtection(scene: DjangoScene): void {
  const verify = "tls: {mode: verify, caFile: 'ca.pem', serverName: database.test}";

  test('speaks TLS to a server that proves its name, and to no other', async () => {
    await using sure = await scene.directory(scene.config(verify));
    expect((await sure.authenticate('alone', 'password')).kind).toBe('accepted');
    for (const options of [
      verify.replace('database.test', 'other.test'),
      'tls: {mode: verify, serverName: database.test}',
    ]) {
      await using unsure = await scene.directory(scene.config(options));
      expect(await unsure.authenticate('alone', 'password'), options).toEqual({
        kind: 'unavailable',
      });
    }
  });

  test('is unavailable where the database does not let it in, or has no such table', async () => {
    for (const config of [
      { ...scene.config(), username: 'nobody' },
      { ...scene.config(), database: 'nothing' },
      scene.config('tables: {users: no_such_table}'),
    ]) {
      const lines: unknown[] = [];
      const log: Log = { ...silentLog, warn: (event, fields) => lines.push([event, fields]) };
      await using directory = await scene.directory(config, log);
      for (const password of ['password', 'wrong']) {
        expect(await directory.authenticate('alone', password)).toEqual({ kind: 'unavailable' });
      }
      expect(lines).toHaveLength(1);
      expect(JSON.stringify(lines)).not.toContain(account.password);
    }
  });
}

function testOutages(scene: DjangoScene): void {
  test('is unavailable while the server is frozen, soon for those who come later, and heals', async () => {
    await using directory = await scene.directory(scene.config(impatient));
    await using other = await scene.directory(scene.config(impatient));
    for (const one of [directory, other]) expect((await one.find('alone')).kind).toBe('accepted');
    scene.server.freeze();
    try {
      const many = Array.from({ length: 20 }, () => directory.authenticate('alone', 'password'));
      expect(new Set((await Promise.all(many)).map((verdict) => verdict.kind))).toEqual(
        new Set(['unavailable']),
      );
      const begun = performance.now();
      expect(await directory.find('alone')).toEqual({ kind: 'unavailable' });
      expect(performance.now() - begun).toBeLessThan(300);
      expect(await other.find('alone')).toEqual({ kind: 'unavailable' });
      // Closing waits for nobody who does not answer.
      await within('the end of it', directory.close?.() ?? Promise.resolve(), 3_000);
    } finally {
      scene.server.thaw();
    }
    await waitFor('the directory', async () => isBack(other));
    expect((await other.authenticate('alone', 'password')).kind).toBe('accepted');
    expect((await other.authenticate('alone', 'wrong')).kind).toBe('rejected');
  });

  test('is unavailable while garbage answers in place of the server', async () => {
    for (const garbage of [
      '',
      'HTTP/1.1 400 Bad Request\r\n\r\n',
      '\0'.repeat(64),
      '\xff'.repeat(512),
    ]) {
      const server = await garbageServer(garbage);
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('no port');
      await using directory = await scene.directory(scene.config(impatient, address.port));
      expect(await directory.authenticate('alone', 'password'), garbage).toEqual({
        kind: 'unavailable',
      });
      server.close();
      server.closeAllConnections?.();
    }
  });
}

/** Says the same to everybody, and never anything else. */
async function garbageServer(text: string): Promise<Server & { closeAllConnections?(): void }> {
  const sockets = new Set<{ destroy(): unknown }>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.write(Buffer.from(text, 'latin1'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(server, {
    closeAllConnections: () => sockets.forEach((socket) => socket.destroy()),
  });
}
