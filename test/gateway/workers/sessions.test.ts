import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Gateway } from '../../support/gateway.ts';
import { planned } from '../../support/gateway-yaml.ts';
import { logIn, tryLoginFrom } from '../../support/login.ts';
import { patientMs } from '../../support/patience.ts';
import { RawClient } from '../../support/raw-client.ts';
import { request } from '../../support/request.ts';
import { waitFor } from '../../support/wait-for.ts';
import { closed, EchoServer, openWebSocket } from '../../support/web-socket.ts';
import { nodesOf, run } from '../../support/worker-processes.ts';

/** So many connections are not all at one worker. */
const CROWD = 16;

describe('sessions of several workers', { timeout: patientMs(120_000) }, () => {
  let stack: AsyncDisposableStack;
  let folder = '';
  let gateway: Gateway;
  let echo: EchoServer;
  beforeEach(async () => {
    stack = new AsyncDisposableStack();
    folder = await mkdtemp(join(tmpdir(), 'portcullis-workers-'));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    echo = stack.use(await EchoServer.start());
    gateway = stack.use(await Gateway.start(yaml()));
  }, patientMs(60_000));
  afterEach(() => stack.disposeAsync());

  const key = randomBytes(32).toString('base64');
  const yaml = () => ({
    ...planned({
      upstreamPorts: [echo.port],
      routes: [
        { path: '/mine', auth: 'session', respond: { status: 200, body: 'mine' } },
        {
          ...{ path: '/counted', auth: 'none', rateLimits: ['few'] },
          respond: { status: 200, body: 'ok' },
        },
      ],
      sections: {
        accessLog: { enabled: false },
        sessions: { store: { type: 'sqlite', path: join(folder, 'sessions.db') } },
        coherence: { staleness: '2s', pollInterval: '500ms' },
        rateLimits: { few: { requests: 20, per: '1h' } },
        login: { throttle: { account: { failures: 4, regain: '1h' } } },
        tokens: { keys: [{ id: 'k1', secret: key }] },
      },
    }),
    workers: 2,
    drainTimeout: '5s',
  });

  async function crowd(): Promise<RawClient[]> {
    const clients = await Promise.all(
      Array.from({ length: CROWD }, () => RawClient.connect(gateway.edge)),
    );
    for (const client of clients) stack.use(client);
    return clients;
  }

  async function statuses(clients: readonly RawClient[], cookie: string): Promise<number[]> {
    for (const client of clients) client.write(request('GET', '/mine', [`Cookie: ${cookie}`]));
    const answers = await Promise.all(clients.map((client) => client.response()));
    return [...new Set(answers.map(({ status }) => status))];
  }

  it('are at a gateway that counts requests and guesses of all workers together', async () => {
    const clients = await crowd();
    let passed = 0;
    for (let round = 0; round < 3; round += 1) {
      for (const client of clients) {
        const { status } = await client.write(request('GET', '/counted')).response();
        expect([200, 429]).toContain(status);
        if (status === 200) passed += 1;
      }
    }
    expect(passed).toBeGreaterThanOrEqual(20);
    expect(passed).toBeLessThan(40);
    const limited = await gateway.metric('portcullis_rate_limited_total', 'limit="few"');
    expect(limited).toBe(3 * CROWD - passed);
    const guesses: number[] = [];
    for (let count = 0; count < 12; count += 1) {
      guesses.push((await tryLoginFrom('127.0.0.9', gateway.edge, 'user1', 'wrong')).status);
    }
    expect(guesses).toEqual([401, 401, 401, 401, ...Array<number>(8).fill(429)]);
    const bans = async (...args: string[]): Promise<string> =>
      (await run('bans', ...args, '--config', gateway.configPath)).stdout;
    expect(await bans('list')).toMatch(/^account user1 \d+s\n$/);
    expect(await bans('clear', '--account', 'user1')).toBe('cleared 1\n');
    expect(await bans('list')).toBe('');
    expect((await tryLoginFrom('127.0.0.9', gateway.edge, 'user1', 'pass1')).status).toBe(200);
  });

  it('are good at every worker, and over at every worker when the logout answers', async () => {
    const clients = await crowd();
    for (let round = 0; round < 10; round++) {
      const { cookie } = await logIn(gateway.edge);
      expect(await statuses(clients, cookie)).toEqual([200]);
      const [first] = clients;
      first?.write(request('GET', '/auth/logout', [`Cookie: ${cookie}`]));
      expect((await first?.response())?.status).toBeLessThan(400);
      expect(await statuses(clients, cookie)).toEqual([401]);
    }
  });

  it('end with their WebSockets, wherever those are', async () => {
    const { cookie } = await logIn(gateway.edge);
    const sockets = await Promise.all(
      Array.from({ length: CROWD }, () => openWebSocket(gateway.edge, '/ws', { cookie })),
    );
    const ends = sockets.map((socket) => closed(socket, 20_000));
    const { code, stdout } = await run(
      ...['sessions', 'revoke', 'user1', '--all', '--config', gateway.configPath],
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: '1 session has ended\n' });
    expect(new Set((await Promise.all(ends)).map((end) => end.code))).toEqual(new Set([4401]));
  });

  it('can be listed, shown and ended one by one from the command line', async () => {
    const kept = await logIn(gateway.edge);
    const ended = await logIn(gateway.edge);
    const list = await run(
      ...['sessions', 'list', 'user1', '--json', '--config', gateway.configPath],
    );
    const shown = JSON.parse(list.stdout) as { handle: string; user: string }[]; // our own output
    expect(shown.map(({ user }) => user)).toEqual(['user1', 'user1']);
    expect(list.stdout).not.toContain(kept.cookie.split('=')[1]);
    const [newest] = shown;
    const handle = newest?.handle ?? '';
    const one = await run('sessions', 'show', 'user1', handle, '--config', gateway.configPath);
    expect(one.stdout).toContain(`handle: ${handle}\n`);
    await run('sessions', 'revoke', 'user1', handle, '--config', gateway.configPath);
    const clients = await crowd();
    expect(await statuses(clients, ended.cookie)).toEqual([401]);
    expect(await statuses(clients, kept.cookie)).toEqual([200]);
  });

  it('can be listed and ended for everybody from the command line', async () => {
    const [one, other] = [await logIn(gateway.edge), await logIn(gateway.edge, 'user2', 'pass2')];
    const socket = await openWebSocket(gateway.edge, '/x', { cookie: other.cookie });
    const end = closed(socket);
    const clients = await crowd();
    expect(await statuses(clients, one.cookie)).toEqual([200]);
    const config = ['--config', gateway.configPath];
    const list = await run('sessions', 'list', '--json', ...config);
    const shown = JSON.parse(list.stdout) as { user: string }[]; // our own output
    expect(shown.map(({ user }) => user)).toEqual(expect.arrayContaining(['user1', 'user2']));
    expect((await run('sessions', 'revoke', '--everybody', ...config)).code).toBe(0);
    for (const { cookie } of [one, other]) expect(await statuses(clients, cookie)).toEqual([401]);
    expect(await end).toMatchObject({ code: 4401 });
    const fresh = await logIn(gateway.edge);
    expect(await statuses(clients, fresh.cookie)).toEqual([200]);
  });

  it('survive every worker and the primary', async () => {
    const { cookie } = await logIn(gateway.edge);
    const over = await logIn(gateway.edge);
    const [client] = await crowd();
    client?.write(request('GET', '/auth/logout', [`Cookie: ${over.cookie}`]));
    await client?.response();
    const before = await nodesOf(gateway);
    for (const { pid } of before.workers) process.kill(pid, 'SIGKILL');
    await waitFor(
      'other workers',
      async () => {
        const { workers } = await nodesOf(gateway);
        return workers.filter(({ state }) => state === 'ready').length === 2;
      },
      30_000,
    );
    expect(await statuses(await crowd(), cookie)).toEqual([200]);
    expect(await statuses(await crowd(), over.cookie)).toEqual([401]);
    gateway.process.signal('SIGKILL');
    await gateway.process.exit;
    await waitFor('the writer of the one before to be gone', () => gateway.process.hasExited);
    gateway = stack.use(await Gateway.start(yaml()));
    expect(await statuses(await crowd(), cookie)).toEqual([200]);
    expect(await statuses(await crowd(), over.cookie)).toEqual([401]);
  });
});
