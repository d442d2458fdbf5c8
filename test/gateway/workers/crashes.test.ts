import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SteadyLoad } from '../../../bench/replacement/steady-load.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { Gateway, Process } from '../../support/gateway.ts';
import type { GatewayYaml } from '../../support/gateway-yaml.ts';
import { patientMs } from '../../support/patience.ts';
import { ask, RawClient } from '../../support/raw-client.ts';
import { never, ok, RecordingUpstream } from '../../support/recording-upstream.ts';
import { request } from '../../support/request.ts';
import { waitFor, within } from '../../support/wait-for.ts';
import { event, events } from '../../support/worker-log.ts';
import { nodesOf } from '../../support/worker-processes.ts';

const yamlFor = (upstreamPort: number, more: Partial<GatewayYaml> = {}): GatewayYaml => ({
  workers: 2,
  drainTimeout: '6s',
  accessLog: { enabled: false },
  listeners: {
    edge: {
      routes: [
        { path: '/', auth: 'none', upstream: 'app' },
        { path: '/fixed', auth: 'none', respond: { status: 200, body: 'fixed' } },
      ],
    },
  },
  upstreams: { app: { servers: [`127.0.0.1:${String(upstreamPort)}`] } },
  ...more,
});

/** Whether a process is there. */
function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const fullCrew = async (gateway: Gateway): Promise<boolean> => {
  const { workers } = await nodesOf(gateway);
  return workers.filter(({ state }) => state === 'ready').length === 2;
};

describe('a worker that crashes', { timeout: patientMs(120_000) }, () => {
  let stack: AsyncDisposableStack;
  let upstream: RecordingUpstream;
  beforeEach(async () => {
    stack = new AsyncDisposableStack();
    upstream = stack.use(await RecordingUpstream.start({ answer: ok() }));
  });
  afterEach(() => stack.disposeAsync());

  it('takes its own requests with it, no others, and is replaced', async () => {
    await using gateway = await Gateway.start(yamlFor(upstream.port));
    await using load = new SteadyLoad({
      port: gateway.edge,
      path: '/fixed',
      requestsPerSecond: 200,
      clock: systemClock,
    });
    await waitFor('some answers', () => load.fates.answered > 50);
    const [first] = (await nodesOf(gateway)).workers;
    process.kill(first?.pid ?? 0, 'SIGKILL');
    const line = await event(gateway, 'worker.crashed');
    expect(line).toMatchObject({ worker: 1, pid: first?.pid, signal: 'SIGKILL', restartMs: 0 });
    const answered = load.fates.answered;
    await waitFor('others to serve on', () => load.fates.answered > answered + 100, 20_000);
    await waitFor('a full crew', () => fullCrew(gateway), 20_000);
    await load.stop();
    expect(load.fates).toMatchObject({ refused: 0, wrong: 0 });
    // What it was about, and what it had not read yet: far less than came meanwhile.
    expect(load.fates.cut).toBeLessThan(load.sent / 4);
    expect(await gateway.metric('portcullis_worker_crashes_total')).toBe(1);
  });

  it('at every start does not spin, says why, and comes back when it can', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'portcullis-crash-'));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const [place, elsewhere] = [join(folder, 'log'), join(folder, 'elsewhere')];
    await rename(await mkdtemp(join(folder, 'x-')), place);
    const accessLog = { path: join(place, 'access.log') };
    await using gateway = await Gateway.start(yamlFor(upstream.port, { accessLog }));
    await rename(place, elsewhere);
    process.kill((await nodesOf(gateway)).workers[1]?.pid ?? 0, 'SIGKILL');
    await event(gateway, 'worker.crashed', 3, 30_000);
    const crashes = events(gateway, 'worker.crashed');
    expect(crashes.slice(0, 4).map(({ restartMs }) => restartMs)).toEqual([0, 100, 200, 400]);
    expect(crashes[1]?.['reason']).toContain(accessLog.path);
    expect((await ask(gateway.edge, request('GET', '/fixed'))).status).toBe(200);
    expect(JSON.parse((await ask(gateway.admin, request('GET', '/readyz'))).text())).toMatchObject({
      isReady: true,
      checks: { workers: '1/2' },
    });
    await rename(elsewhere, place);
    await waitFor('a full crew', () => fullCrew(gateway), 40_000);
  });

  it('at the first start of all ends the gateway with 1 and says why', async () => {
    const accessLog = { path: '/nowhere/at/all/access.log' };
    const failing = Gateway.start(yamlFor(upstream.port, { accessLog }));
    await expect(failing).rejects.toThrow(/portcullis start: .*\/nowhere\/at\/all\/access\.log/);
  });

  it('that is told to go itself finishes, goes, and is replaced', async () => {
    await using gateway = await Gateway.start(yamlFor(upstream.port));
    const [first] = (await nodesOf(gateway)).workers;
    process.kill(first?.pid ?? 0, 'SIGTERM');
    await waitFor(
      'another one',
      async () => {
        const { workers } = await nodesOf(gateway);
        return (
          workers.every(({ pid }) => pid !== first?.pid) &&
          workers.filter(({ state }) => state === 'ready').length === 2
        );
      },
      20_000,
    );
    expect(events(gateway, 'worker.crashed')).toEqual([]);
  });
});

describe('a primary that is killed', { timeout: patientMs(120_000) }, () => {
  it('leaves workers that finish what they have and go, and a free port', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await using upstream = await RecordingUpstream.start({
      answer: async (turn) => {
        await held;
        await ok()(turn);
      },
    });
    await using gateway = await Gateway.start(yamlFor(upstream.port, { drainTimeout: '60s' }));
    const { workers } = await nodesOf(gateway);
    await using busy = await RawClient.connect(gateway.edge);
    busy.write(request('GET', '/slow'));
    await upstream.requestCount(1);
    gateway.process.signal('SIGKILL');
    // The next start, while a worker of the one before still has a request.
    await waitFor('the port to be free', async () => {
      try {
        await RawClient.connect(gateway.edge).then((client) => client[Symbol.dispose]());
        return false;
      } catch {
        return true;
      }
    });
    const next = new Process(['start', '--config', gateway.configPath]);
    try {
      await waitFor(
        'the next one to serve',
        async () => {
          try {
            return (await ask(gateway.edge, request('GET', '/fixed'))).status === 200;
          } catch {
            return false;
          }
        },
        20_000,
      );
      release();
      expect((await busy.response()).status).toBe(200);
      await waitFor('the orphans to go', () => !workers.some(({ pid }) => isThere(pid)), 15_000);
    } finally {
      await next.stop();
    }
  });

  it('leaves no worker behind for longer than the drain', async () => {
    await using upstream = await RecordingUpstream.start({ answer: never() });
    await using gateway = await Gateway.start(yamlFor(upstream.port, { drainTimeout: '1s' }));
    const { workers } = await nodesOf(gateway);
    await using busy = await RawClient.connect(gateway.edge);
    busy.write(request('GET', '/slow'));
    await upstream.requestCount(1);
    gateway.process.signal('SIGKILL');
    await waitFor('the orphans to go', () => !workers.some(({ pid }) => isThere(pid)), 15_000);
  });
});

describe('a gateway with workers that is told to end', { timeout: patientMs(120_000) }, () => {
  it('finishes what is under way in each of them, and ends with 0', async () => {
    await using upstream = await RecordingUpstream.start();
    await using gateway = await Gateway.start(yamlFor(upstream.port));
    const { workers } = await nodesOf(gateway);
    await using client = await RawClient.connect(gateway.edge);
    client.write(request('POST', '/x', ['Content-Length: 4'], 'on'));
    await upstream.requestBytes('on');
    gateway.process.signal('SIGTERM');
    await waitFor('new connections to be refused', async () => {
      try {
        await RawClient.connect(gateway.edge).then((other) => other[Symbol.dispose]());
        return false;
      } catch {
        return true;
      }
    });
    client.write('ly');
    expect((await client.response()).status).toBe(200);
    expect(await within('the end', gateway.process.exit, 30_000)).toEqual({
      code: 0,
      signal: null,
    });
    expect(workers.some(({ pid }) => isThere(pid))).toBe(false);
  });

  it('ends at once at a second signal, and leaves nobody', async () => {
    await using upstream = await RecordingUpstream.start({ answer: never() });
    await using gateway = await Gateway.start(yamlFor(upstream.port, { drainTimeout: '60s' }));
    const { workers } = await nodesOf(gateway);
    await using client = await RawClient.connect(gateway.edge);
    client.write(request('GET', '/x'));
    await upstream.requestCount(1);
    gateway.process.signal('SIGTERM');
    await event(gateway, 'gateway.draining');
    gateway.process.signal('SIGTERM');
    expect(await within('the end', gateway.process.exit, 30_000)).toEqual({
      code: 143,
      signal: null,
    });
    await waitFor('the workers to go', () => !workers.some(({ pid }) => isThere(pid)));
  });
});
