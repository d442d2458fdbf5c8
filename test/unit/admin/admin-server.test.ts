import { afterEach, describe, expect, it } from 'vitest';
import { adminConfig } from '../../../src/config/admin.ts';
import { AdminServer, type AdminParts } from '../../../src/admin/admin-server.ts';
import { Readiness } from '../../../src/admin/readiness.ts';
import { Lifecycle } from '../../../src/lifecycle/phase.ts';
import { listenFailure } from '../../../src/lifecycle/listen-failure.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const life = new Lifecycle();
life.enter('ready');
const parts: AdminParts = {
  config: adminConfig({ address: { host: '127.0.0.1', port: 0 }, hosts: [], secure: false }),
  readiness: new Readiness(life),
  upstreams: () => ({ upstreams: [] }),
  metrics: {
    text: async (format) => (format === 'text' ? 'portcullis_up 1\n' : 'portcullis_up 1\n# EOF\n'),
  },
};

async function started(more: Partial<AdminParts> = {}): Promise<string> {
  const server = new AdminServer({ ...parts, ...more });
  stops.push(() => server.stop());
  await server.start();
  return `http://127.0.0.1:${String(server.port)}`;
}

describe('the admin port', () => {
  it('says that the process lives', async () => {
    const answer = await fetch(`${await started()}/livez`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('says that traffic may come only while it may', async () => {
    const lifecycle = new Lifecycle();
    let isStoreOk = true;
    const readiness = new Readiness(lifecycle, [{ name: 'store', isOk: () => isStoreOk }]);
    const origin = await started({ readiness });
    const ask = async (): Promise<[number, unknown]> => {
      const answer = await fetch(`${origin}/readyz`);
      return [answer.status, await answer.json()];
    };
    const report = (phase: string, isReady: boolean, store = 'ok'): [number, unknown] => [
      isReady ? 200 : 503,
      { isReady, checks: { phase, store } },
    ];
    expect(await ask()).toEqual(report('starting', false));
    lifecycle.enter('ready');
    expect(await ask()).toEqual(report('ready', true));
    isStoreOk = false;
    expect(await ask()).toEqual(report('ready', false, 'failed'));
    isStoreOk = true;
    lifecycle.enter('draining');
    expect(await ask()).toEqual(report('draining', false));
  });

  it('says what is failing also where traffic may come all the same', async () => {
    const audit = { name: 'audit', isOk: () => false, isVital: false };
    const answer = await fetch(
      `${await started({ readiness: new Readiness(life, [audit]) })}/readyz`,
    );
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      isReady: true,
      checks: { phase: 'ready', audit: 'failed' },
    });
  });

  it('shows the metrics', async () => {
    const answer = await fetch(`${await started()}/metrics?x=1`);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await answer.text()).toBe('portcullis_up 1\n');
  });

  it('shows them as OpenMetrics to those who ask for that', async () => {
    const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5';
    const answer = await fetch(`${await started()}/metrics`, { headers: { accept } });
    expect(answer.headers.get('content-type')).toBe(
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
    );
    expect(answer.headers.get('vary')).toBe('Accept');
    expect(await answer.text()).toMatch(/# EOF\n$/);
  });

  it('does not say why metrics failed, but tells the log', async () => {
    const faults: unknown[] = [];
    const origin = await started({
      metrics: { text: () => Promise.reject(new Error('secret')) },
      onFault: (error) => faults.push(error),
    });
    const answer = await fetch(`${origin}/metrics`);
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('secret');
    expect(faults).toHaveLength(1);
  });

  it.each(['/', '/metrics/', '/livez/x', '//livez', '/LIVEZ'])(
    'has nothing else: %s',
    async (path) => {
      expect((await fetch((await started()) + path)).status).toBe(404);
    },
  );

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])(
    'only answers GET and HEAD, not %s',
    async (method) => {
      const answer = await fetch(`${await started()}/livez`, { method });
      expect(answer.status).toBe(405);
      expect(answer.headers.get('allow')).toBe('GET, HEAD');
    },
  );

  it('answers HEAD without a body', async () => {
    const answer = await fetch(`${await started()}/metrics`, { method: 'HEAD' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-length')).toBe('16');
    expect(await answer.text()).toBe('');
  });

  it('can be asked on after a body that nobody wanted', async () => {
    const origin = await started();
    const answer = await fetch(`${origin}/livez`, { method: 'POST', body: 'x'.repeat(100_000) });
    expect(answer.status).toBe(405);
    expect((await fetch(`${origin}/livez`)).status).toBe(200);
  });

  it('rejects its start on a busy port, with an error that becomes one sentence', async () => {
    const port = Number(new URL(await started()).port);
    const second = new AdminServer({ ...parts, config: { ...parts.config, port } });
    const error = await second.start().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'EADDRINUSE' });
    expect(listenFailure(`127.0.0.1:${String(port)}`, error)).toContain('in use');
    await second.stop();
  });

  it('stops at once, with clients connected, and more than once', async () => {
    const server = new AdminServer(parts);
    await server.start();
    const origin = `http://127.0.0.1:${String(server.port)}`;
    await fetch(`${origin}/livez`);
    await Promise.all([server.stop(), server.stop()]);
    await server.stop();
    await expect(fetch(`${origin}/livez`)).rejects.toThrow();
  });
});
