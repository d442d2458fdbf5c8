import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { Gateway, projectRoot } from '../support/gateway.ts';
import { planned } from '../support/gateway-yaml.ts';
import { logIn } from '../support/login.ts';
import { dashboardShape, expressionsOf } from '../support/observed.ts';
import { patientMs } from '../support/patience.ts';
import { Prometheus, promtool } from '../support/prometheus.ts';
import { ok, RecordingUpstream } from '../support/recording-upstream.ts';
import { ask, RawClient } from '../support/raw-client.ts';
import { RedisServer } from '../support/redis-server.ts';
import { request } from '../support/request.ts';
import { waitFor } from '../support/wait-for.ts';
import { nodesOf } from '../support/worker-processes.ts';

const folder = join(projectRoot, 'config/observability');
const ofEdge = '{job="portcullis", listener="edge"';

describe('Prometheus and a gateway of two workers', { timeout: patientMs(90_000) }, () => {
  const stack = new AsyncDisposableStack();
  let gateway: Gateway;
  let prometheus: Prometheus;
  beforeAll(async () => {
    const redis = stack.use(await RedisServer.start());
    const upstream = stack.use(await RecordingUpstream.start({ answer: ok() }));
    const yaml = planned({
      upstreamPorts: [upstream.port],
      sections: {
        workers: 2,
        sessions: { store: { type: 'redis', servers: [redis.address] } },
        tokens: {
          keys: [{ id: 'one', secret: 'dGhpcyBpcyBhIGtleSBmb3IgYSB0ZXN0IGFuZCBub3RoaW5n' }],
        },
      },
    });
    gateway = stack.use(await Gateway.start(yaml));
    prometheus = stack.use(
      await Prometheus.start({
        job: 'portcullis',
        port: gateway.admin,
        rules: join(folder, 'alerts.yml'),
      }),
    );
  }, patientMs(90_000));
  afterAll(() => stack.disposeAsync());

  const scrape = async (accept = 'text/plain'): Promise<string> =>
    (await ask(gateway.admin, request('GET', '/metrics', [`Accept: ${accept}`]))).text();
  const lost = async (): Promise<number> =>
    await gateway.metric('portcullis_scrape_silences_total');

  it('it scrapes, in its own words, and its API answers what was asked for', async () => {
    const { cookie } = await logIn(gateway.edge);
    await using client = await RawClient.connect(gateway.edge);
    for (let count = 0; count < 20; count++) {
      const answer = client.write(request('GET', `/x/${String(count)}`, [`Cookie: ${cookie}`]));
      expect((await answer.response()).status).toBe(200);
    }
    client.write(request('POST', '/x', ['Content-Length: 0']));
    expect((await client.response()).status).toBe(401);
    expect(await prometheus.value('up{job="portcullis"}', (value) => value === 1)).toBe(1);
    const asked = `sum(portcullis_requests_total${ofEdge}, auth="session", method="GET", code="2xx"})`;
    expect(await prometheus.value(asked, (value) => value > 0)).toBe(20);
    const posts = await prometheus.series(
      `portcullis_requests_total${ofEdge}, method="POST", code="4xx"} > 0`,
    );
    expect([...posts.values()]).toEqual([1]);
    expect([...posts.keys()].join()).toContain('lane=http/1.1');
    const counted = `sum(portcullis_request_duration_seconds_count${ofEdge}, lane="http/1.1"})`;
    expect(await prometheus.value(counted)).toBeGreaterThanOrEqual(22);
    const lease = 'portcullis_coherence_lease_seconds{job="portcullis"}';
    expect(await prometheus.value(lease)).toBeGreaterThan(0);
    expect(await prometheus.value('portcullis_store_up{job="portcullis"}')).toBe(1);
    expect(
      await prometheus.value('sum(portcullis_coherence_state{state="coherent", job="portcullis"})'),
    ).toBe(2);
    expect((await prometheus.targets()).map(({ lastError }) => lastError)).toEqual(['']);
  });

  it('its rules are read and can be asked', async () => {
    await waitFor(
      'all rules',
      async () => (await prometheus.rules()).every(({ health }) => health === 'ok'),
      30_000,
    );
    expect(await prometheus.rules()).toHaveLength(
      [...(await readFile(join(folder, 'alerts.yml'), 'utf8')).matchAll(/^ +- alert:/gm)].length,
    );
  });

  it('promtool reads the text, and finds nothing to say of what is ours', async () => {
    const { said } = await promtool(['check', 'metrics'], await scrape());
    const ours = said.split('\n').filter((line) => !/^(?:nodejs|process)_/.test(line));
    expect(ours.join('\n').trim()).toBe('');
    expect(await scrape('application/openmetrics-text')).toMatch(/# EOF\n$/);
  });

  it('a worker that hangs costs its own share, and not the answer', async () => {
    const before = await gateway.metric('portcullis_connections_accepted_total');
    const [worker] = (await nodesOf(gateway)).workers;
    process.kill(worker?.pid ?? 0, 'SIGSTOP');
    try {
      const text = await scrape();
      expect(text).toContain('\nportcullis_workers_silent 1\n');
      const after = await gateway.metric('portcullis_connections_accepted_total');
      expect(after).toBeGreaterThanOrEqual(before);
      const silent = 'portcullis_workers_silent{job="portcullis"}';
      expect(await prometheus.value(silent, (value) => value === 1)).toBe(1);
      expect(await prometheus.value('up{job="portcullis"}')).toBe(1);
    } finally {
      process.kill(worker?.pid ?? 0, 'SIGCONT');
    }
    await waitFor(
      'it to answer again',
      async () => (await scrape()).includes('portcullis_workers_silent 0'),
      20_000,
    );
    expect(await lost()).toBeGreaterThan(0);
  });

  it('a worker that dies during a scrape does so, too', async () => {
    const before = await gateway.metric('portcullis_connections_accepted_total');
    const [, worker] = (await nodesOf(gateway)).workers;
    const pid = worker?.pid ?? 0;
    // It has been asked and has not answered when it dies.
    process.kill(pid, 'SIGSTOP');
    const scraping = scrape();
    process.kill(pid, 'SIGKILL');
    const text = await scraping;
    const accepted = /^portcullis_connections_accepted_total\{listener="edge"\} (\d+)$/m.exec(text);
    expect(Number(accepted?.[1])).toBeGreaterThanOrEqual(before);
    await waitFor(
      'its successor',
      async () => (await nodesOf(gateway)).workers.every(({ state }) => state === 'ready'),
      30_000,
    );
    expect(await gateway.metric('portcullis_worker_crashes_total')).toBe(1);
    expect(await gateway.metric('portcullis_connections_accepted_total')).toBeGreaterThanOrEqual(
      before,
    );
  });
});

describe('the files for operators', () => {
  it.each([
    ['check', 'config', 'prometheus.yml'],
    ['check', 'rules', 'alerts.yml'],
    ['test', 'rules', 'alerts.test.yml'],
  ])('promtool %s %s %s finds nothing', async (verb, what, file) => {
    const { code, said } = await promtool([verb, what, join(folder, file)]);
    expect(said).not.toContain('FAILED');
    expect(code, said).toBe(0);
  });

  it('the tests of the rules fail where a rule is another', async () => {
    const own = await mkdtemp(join(tmpdir(), 'portcullis-rules-'));
    try {
      const rules = await readFile(join(folder, 'alerts.yml'), 'utf8');
      await writeFile(
        join(own, 'alerts.yml'),
        rules.replace('portcullis_store_up', 'portcullis_x'),
      );
      await writeFile(join(own, 't.yml'), await readFile(join(folder, 'alerts.test.yml'), 'utf8'));
      expect((await promtool(['test', 'rules', join(own, 't.yml')])).code).not.toBe(0);
    } finally {
      await rm(own, { recursive: true });
    }
  });

  it('every panel of the dashboard asks in PromQL', async () => {
    const text = await readFile(join(folder, 'grafana-dashboard.json'), 'utf8');
    const asked = expressionsOf(dashboardShape.parse(JSON.parse(text)));
    const rules = asked.map(([, expression], index) => ({
      record: `panel:${String(index)}`,
      expr: expression.replaceAll('$__rate_interval', '1m').replaceAll(/\$\w+/g, 'x'),
    }));
    const file = { groups: [{ name: 'panels', rules }] };
    expect(parse(stringify(file))).toEqual(file);
    const own = await mkdtemp(join(tmpdir(), 'portcullis-panels-'));
    try {
      await writeFile(join(own, 'panels.yml'), stringify(file));
      const { code, said } = await promtool(['check', 'rules', join(own, 'panels.yml')]);
      expect(code, said).toBe(0);
    } finally {
      await rm(own, { recursive: true });
    }
  });
});
