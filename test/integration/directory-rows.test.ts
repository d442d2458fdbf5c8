import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { account, DatabaseServer } from '../support/database-server.ts';
import { djangoHashes } from '../support/django-hashes.ts';
import { addDjangoUsers, createDjangoTables } from '../support/django-tables.ts';
import { Gateway } from '../support/gateway.ts';
import { demoUsers, planned } from '../support/gateway-yaml.ts';
import { logIn, tryLogin } from '../support/login.ts';
import { patientMs } from '../support/patience.ts';
import { ask } from '../support/raw-client.ts';
import { RecordingUpstream } from '../support/recording-upstream.ts';
import { controlOfOss, startTykeFront } from '../support/tyke-front.ts';
import { waitForValue } from '../support/wait-for.ts';

/** Rows of Tyke's behaviour about directories, against a real MariaDB that Django's hashers filled. */
describe('directories of a gateway', () => {
  const stack = new AsyncDisposableStack();
  let server: DatabaseServer;
  let upstream: RecordingUpstream;
  let front: number;

  beforeAll(async () => {
    const hashes = djangoHashes('word');
    const hashed = (kind: string): string => hashes.get(kind) ?? '';
    server = stack.use(await DatabaseServer.start('mysql'));
    await createDjangoTables(server);
    await addDjangoUsers(server, [
      {
        ...{ username: 'usual', password: hashed('pbkdf2_sha256') },
        ...{ groups: ['group1', 'group2'], role: 'physician' },
      },
      { username: 'clerk', password: hashed('pbkdf2_sha256'), isStaff: true, role: 'patient' },
      // Known to the static directory too, with another role.
      { username: 'user1', password: hashed('pbkdf2_sha256'), role: 'patient' },
      { username: 'other', password: hashed('argon2') },
      { username: 'older', password: hashed('bcrypt_sha256') },
      { username: 'gone', password: hashed('pbkdf2_sha256'), isActive: false },
    ]);
    upstream = stack.use(await RecordingUpstream.start());
    const yaml = planned({
      upstreamPorts: [upstream.port],
      answers: 'tyke',
      sections: {
        identity: { format: 'tyke' },
        login: { directories: ['app', 'demo'] },
      },
    });
    const app = {
      ...{ type: 'django', engine: 'mysql', address: `127.0.0.1:${String(server.port)}` },
      ...{ database: account.database, username: 'gateway', password: account.password },
      ...{ tables: { profile: { table: 'myapp_userprofile' } }, connectTimeout: '1s' },
    };
    const demo = { type: 'static', insecurePlainText: true, users: demoUsers };
    yaml.listeners['control'] = { trustedPeers: ['127.0.0.1'], routes: controlOfOss };
    const gateway = await Gateway.start(Object.assign(yaml, { directories: { app, demo } }));
    front = await startTykeFront(stack.use(gateway), upstream.port, stack);
  }, patientMs(60_000));

  afterAll(() => stack.disposeAsync());

  async function statusOf(username: string, password: string): Promise<number> {
    return (await tryLogin(front, username, password)).status;
  }

  /** What an upstream is told about who asks. */
  async function userInfoOf(username: string, password: string): Promise<string | undefined> {
    const { cookie } = await logIn(front, username, password);
    await passes(cookie);
    return upstream.requests.at(-1)?.values('x-userinfo')[0];
  }

  async function passes(cookie: string): Promise<void> {
    const request = `GET /api/page HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`;
    expect((await ask(front, request)).status).toBe(200);
  }

  it('T45 the first directory that accepts gives the role', async () => {
    expect(await userInfoOf('user1', 'word')).toBe('user1:patient:');
    expect(await userInfoOf('user1', 'pass1')).toBe('user1:physician:group1,group2');
  });

  it('T46 a database that is out keeps nobody else from logging in, nor anybody logged in', async () => {
    const { cookie } = await logIn(front, 'usual', 'word');
    await server.kill();
    expect(await statusOf('user1', 'pass1')).toBe(200);
    expect(await statusOf('usual', 'word')).toBe(503);
    expect(await statusOf('user1', 'wrong')).toBe(503);
    await passes(cookie);
    await server.begin();
    await waitForValue('the database to be asked again', async () =>
      (await statusOf('usual', 'word')) === 200 ? true : null,
    );
    expect(await statusOf('user1', 'wrong')).toBe(403);
  });

  it('T48 a user of Django logs in, and staff and profile and groups are what upstreams see', async () => {
    expect(await userInfoOf('usual', 'word')).toBe('usual:physician:group1,group2');
    expect(await userInfoOf('clerk', 'word')).toBe('clerk:staffuser:');
    // The database compares without case; the name stays the one that it holds.
    expect(await userInfoOf('USUAL', 'word')).toBe('usual:physician:group1,group2');
    expect(await statusOf('usual', 'wrong')).toBe(403);
  });

  it('T49 other hashers and users without groups log in, who is not active does not', async () => {
    const codes = ['other', 'older', 'gone'].map((name) => statusOf(name, 'word'));
    expect(await Promise.all(codes)).toEqual([200, 200, 403]);
  });
});
