import { readFile, rm, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { SteadyLoad } from '../../../bench/replacement/steady-load.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { Gateway } from '../../support/gateway.ts';
import type { GatewayYaml } from '../../support/gateway-yaml.ts';
import { patientMs } from '../../support/patience.ts';
import { ask } from '../../support/raw-client.ts';
import { request } from '../../support/request.ts';
import { waitFor, waitForValue } from '../../support/wait-for.ts';
import { closed, EchoServer, nextMessage, openWebSocket } from '../../support/web-socket.ts';
import { event, events } from '../../support/worker-log.ts';
import { nodesOf, run, type SeenWorker } from '../../support/worker-processes.ts';

const fixed = { status: 200, body: 'fixed' };

const yamlFor = (upstreamPort: number, more: Partial<GatewayYaml> = {}): GatewayYaml => ({
  workers: 2,
  drainTimeout: '4s',
  accessLog: { enabled: false },
  listeners: {
    edge: {
      routes: [
        { id: 'fixed', exactPath: '/fixed', auth: 'none', respond: fixed },
        { id: 'kept', path: '/kept/', auth: 'none', upstream: 'app' },
        { id: 'moved', path: '/moved/', auth: 'none', upstream: 'app' },
      ],
    },
  },
  upstreams: { app: { servers: [`127.0.0.1:${String(upstreamPort)}`] } },
  ...more,
});

/** Changes the file that the gateway was started with. */
async function edit(gateway: Gateway, change: (yaml: GatewayYaml) => void): Promise<void> {
  const yaml = parse(await readFile(gateway.configPath, 'utf8')) as GatewayYaml; // we wrote it
  change(yaml);
  await writeFile(gateway.configPath, stringify(yaml));
}

/** Without those that still retire. */
async function serving(gateway: Gateway): Promise<readonly SeenWorker[]> {
  return (await nodesOf(gateway)).workers.filter(({ state }) => state === 'ready');
}

const SLOW = { timeout: patientMs(120_000) };
const START_MS = patientMs(60_000);

describe('a gateway with several workers', SLOW, () => {
  const stack = { current: new AsyncDisposableStack() };
  let echo: EchoServer;
  let gateway: Gateway;
  beforeEach(async () => {
    stack.current = new AsyncDisposableStack();
    echo = stack.current.use(await EchoServer.start());
    gateway = stack.current.use(await Gateway.start(yamlFor(echo.port)));
  }, START_MS);
  afterEach(() => stack.current.disposeAsync());

  const steadyLoad = (): SteadyLoad =>
    new SteadyLoad({
      port: gateway.edge,
      path: '/fixed',
      requestsPerSecond: 300,
      clock: systemClock,
    });

  it('loses no request in a rolling restart, and tells WebSockets to come back', async () => {
    await using load = steadyLoad();
    const sockets = await Promise.all(
      Array.from({ length: 8 }, () => openWebSocket(gateway.edge, '/kept/x')),
    );
    const ends = sockets.map((socket) => closed(socket, 30_000));
    const before = await nodesOf(gateway);
    gateway.process.signal('SIGHUP');
    const ended = await Promise.all(ends);
    expect(ended).toEqual(sockets.map(() => ({ code: 1012, reason: 'restarting' })));
    const again = await openWebSocket(gateway.edge, '/kept/x');
    again.send('hello');
    expect(await nextMessage(again)).toBe('hello');
    await event(gateway, 'config.replaced');
    const old = new Set(before.workers.map(({ pid }) => pid));
    await waitFor(
      'the old workers to go',
      async () => (await nodesOf(gateway)).workers.every(({ pid }) => !old.has(pid)),
      20_000,
    );
    await load.stop();
    expect(load.fates).toEqual({ answered: load.sent, refused: 0, cut: 0, wrong: 0 });
    expect(load.sent).toBeGreaterThan(100);
    expect(await gateway.metric('portcullis_requests_total', 'route="fixed"')).toBe(load.sent);
    again.close();
  });

  it('loses no request in a reload, and leaves sockets on unchanged routes alone until a restart', async () => {
    await using load = steadyLoad();
    const kept = await openWebSocket(gateway.edge, '/kept/x');
    const moved = await openWebSocket(gateway.edge, '/moved/x');
    const end = closed(moved, 30_000);
    await edit(gateway, ({ listeners }) => {
      listeners['edge']?.routes.splice(2, 1, {
        id: 'moved',
        path: '/moved/',
        auth: 'none',
        respond: { status: 200, body: 'moved' },
      });
    });
    const reloaded = await run('reload', '--config', gateway.configPath);
    expect(reloaded).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        /^(?:changed: listeners\.edge\.[^\n]+\n)+done: generation 2 serves\n$/,
      ),
      stderr: '',
    });
    expect(await end).toEqual({ code: 1012, reason: 'restarting' });
    expect((await ask(gateway.edge, request('GET', '/moved/y'))).text()).toBe('moved');
    // Beyond the drain's deadline.
    await waitFor(
      'the worker that has no sockets to go',
      async () =>
        (await nodesOf(gateway)).workers.filter(({ generation }) => generation === 1).length === 1,
      20_000,
    );
    kept.send('still here');
    expect(await nextMessage(kept)).toBe('still here');
    await load.stop();
    expect(load.fates).toEqual({ answered: load.sent, refused: 0, cut: 0, wrong: 0 });
    const told = closed(kept, 30_000);
    gateway.process.signal('SIGHUP');
    expect(await told).toEqual({ code: 1012, reason: 'restarting' });
    await waitFor(
      'its worker to go',
      async () => (await nodesOf(gateway)).workers.every(({ generation }) => generation === 3),
      20_000,
    );
  });
});

describe('a gateway with several workers that is to take a configuration', SLOW, () => {
  const stack = new AsyncDisposableStack();
  let echo: EchoServer;
  let gateway: Gateway;
  let original = '';
  beforeAll(async () => {
    echo = stack.use(await EchoServer.start());
    gateway = stack.use(await Gateway.start(yamlFor(echo.port)));
    original = await readFile(gateway.configPath, 'utf8');
  }, START_MS);
  beforeEach(() => writeFile(gateway.configPath, original));
  afterAll(() => stack.disposeAsync());

  it('goes on with what it has where the new configuration has problems', async () => {
    const before = await nodesOf(gateway);
    await edit(gateway, ({ upstreams }) => {
      for (const one of Object.values(upstreams ?? {})) one.servers = ['nonsense'];
    });
    const refused = await run('reload', '--config', gateway.configPath);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('upstreams.app.servers[0]');
    const line = await event(gateway, 'config.refused');
    expect(line['reason']).toContain('upstreams.app.servers[0]');
    const ready = await ask(gateway.admin, request('GET', '/readyz'));
    expect(ready.status).toBe(200);
    expect(JSON.parse(ready.text())).toMatchObject({ checks: { configuration: 'refused' } });
    expect(await gateway.metric('portcullis_config_taken')).toBe(0);
    expect(await gateway.metric('portcullis_config_replacements_total', 'refused')).toBe(1);
    expect((await nodesOf(gateway)).workers).toEqual(before.workers);
    // Also a worker that is replaced gets the configuration that was good.
    process.kill(before.workers[0]?.pid ?? 0, 'SIGKILL');
    await waitFor(
      'another worker',
      async () => {
        const { workers } = await nodesOf(gateway);
        return workers.filter(({ state }) => state === 'ready').length === 2;
      },
      20_000,
    );
    expect((await ask(gateway.edge, request('GET', '/fixed'))).text()).toBe('fixed');
    await edit(gateway, ({ upstreams }) => {
      for (const one of Object.values(upstreams ?? {})) one.servers = ['127.0.0.1:9'];
    });
    expect((await run('reload', '--config', gateway.configPath)).code).toBe(0);
    expect(await gateway.metric('portcullis_config_taken')).toBe(1);
  });

  it('goes on with what it has where no worker starts with the new configuration', async () => {
    const before = await serving(gateway);
    await edit(gateway, (yaml) => {
      yaml.accessLog = { path: '/nowhere/at/all/access.log' };
    });
    const refused = await run('reload', '--config', gateway.configPath);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('/nowhere/at/all/access.log');
    expect(await serving(gateway)).toEqual(before);
    expect((await ask(gateway.edge, request('GET', '/fixed'))).status).toBe(200);
  });

  it('takes a new listener with a reload, but none whose port is taken', async () => {
    const routes = [{ path: '/', auth: 'none' as const, respond: fixed }];
    await edit(gateway, ({ listeners }) => {
      listeners['more'] = { address: `127.0.0.1:${String(echo.port)}`, routes };
    });
    const refused = await run('reload', '--config', gateway.configPath);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`127.0.0.1:${String(echo.port)}`);
    expect(refused.stderr).toContain('in use');
    await edit(gateway, ({ listeners }) => {
      listeners['more'] = { address: '127.0.0.1:0', routes };
    });
    expect((await run('reload', '--config', gateway.configPath)).code).toBe(0);
    const ready = await waitForValue('the listener', () => {
      const lines = events(gateway, 'listener.ready');
      return lines.find(({ listener }) => listener === 'more') ?? null;
    });
    const port = Number(String(ready['address']).split(':').at(-1));
    expect((await ask(port, request('GET', '/'))).text()).toBe('fixed');
  });

  it('starts a worker again with the listeners that it had, while another configuration is tried', async () => {
    await edit(gateway, ({ listeners }) => {
      listeners['renamed'] = listeners['edge'] ?? { routes: [] };
      delete listeners['edge'];
    });
    const before = await serving(gateway);
    const crashes = events(gateway, 'worker.crashed').length;
    const known = new Set((await nodesOf(gateway)).workers.map(({ pid }) => pid));
    const reloading = run('reload', '--config', gateway.configPath);
    const next = await waitForValue('the first of the next', async () => {
      const { workers } = await nodesOf(gateway);
      return workers.find(({ pid }) => !known.has(pid)) ?? null;
    });
    // It takes its time, and meanwhile one of the others dies.
    process.kill(next.pid, 'SIGSTOP');
    try {
      process.kill(before.find(({ worker }) => worker === 2)?.pid ?? 0, 'SIGKILL');
      await waitFor(
        'the second place to be taken again',
        async () => {
          const now = await serving(gateway);
          return now.some(
            ({ pid, worker }) => worker === 2 && before.every((one) => one.pid !== pid),
          );
        },
        20_000,
      );
    } finally {
      process.kill(next.pid, 'SIGCONT');
    }
    expect((await reloading).code).toBe(0);
    const now = await serving(gateway);
    expect(now.map(({ generation }) => generation)).toEqual([next.generation, next.generation]);
    expect(events(gateway, 'worker.crashed').length).toBe(crashes + 1);
  });

  it('says what only a new start can change', async () => {
    await edit(gateway, (yaml) => {
      yaml.workers = 3;
    });
    const refused = await run('reload', '--config', gateway.configPath);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^portcullis reload: workers cannot change while/);
  });

  it('goes on without its file, too', async () => {
    await rm(gateway.configPath);
    gateway.process.signal('SIGHUP');
    await waitFor('the refusal', () =>
      events(gateway, 'config.refused').some(({ reason }) =>
        String(reason).includes('does not exist'),
      ),
    );
    expect((await ask(gateway.edge, request('GET', '/fixed'))).status).toBe(200);
  });
});
