import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UpstreamsReport } from '../../../src/admin/upstreams-report.ts';
import { CertificateFolder } from '../../support/certificates.ts';
import { freePorts } from '../../support/free-ports.ts';
import { Gateway } from '../../support/gateway.ts';
import { patientMs } from '../../support/patience.ts';
import { ask, RawClient } from '../../support/raw-client.ts';
import { ok, RecordingUpstream } from '../../support/recording-upstream.ts';
import { request } from '../../support/request.ts';
import { waitFor, waitForValue } from '../../support/wait-for.ts';

const REQUESTS = 600;

describe('several workers', { timeout: patientMs(120_000) }, () => {
  const stack = new AsyncDisposableStack();
  let gateway: Gateway;
  let upstream: RecordingUpstream;
  beforeAll(async () => {
    const folder = stack.use(await CertificateFolder.make());
    const certificates = [await folder.issue({ names: ['one.example'] })];
    upstream = stack.use(await RecordingUpstream.start({ answer: ok() }));
    const [closed = 0] = await freePorts(1);
    const routes = [
      { path: '/app/', auth: 'none' as const, upstream: 'app' },
      { path: '/', auth: 'none' as const, respond: { status: 200, body: 'ok' } },
    ];
    const servers = [upstream.port, closed].map((port) => `127.0.0.1:${String(port)}`);
    gateway = stack.use(
      await Gateway.start({
        workers: 2,
        accessLog: { path: '-' },
        upstreams: { app: { servers, maxFails: 1, failTimeout: '1h' } },
        listeners: { edge: { routes }, secure: { tls: { certificates }, routes } },
      }),
    );
  }, patientMs(60_000));
  afterAll(() => stack.disposeAsync());

  it('write whole lines into one pipe, one for each request', async () => {
    const long = 'x'.repeat(900);
    const clients = await Promise.all(
      Array.from({ length: 12 }, () => RawClient.connect(gateway.edge)),
    );
    let sent = 0;
    await Promise.all(
      clients.map(async (client) => {
        while (sent < REQUESTS) {
          const number = sent++;
          client.write(request('GET', `/${number}/${long}`));
          expect((await client.response()).status).toBe(200);
        }
        client[Symbol.dispose]();
      }),
    );
    const paths = (): Set<unknown> =>
      // Every line is read as JSON: one that is torn fails here.
      new Set(gateway.accessLines().map((line) => line['path']));
    await waitFor('all lines', () => gateway.process.stdout.split('\n').length > REQUESTS);
    await waitFor('every request', () => paths().size >= REQUESTS);
    expect(paths().size).toBe(sent);
    expect(await gateway.metric('portcullis_requests_total', 'listener="edge"')).toBe(sent);
    expect(await gateway.metric('portcullis_log_lines_lost_total')).toBe(0);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'resume a session of %s that any of them began',
    async (maxVersion) => {
      const visit = async (session?: Buffer) => {
        const tls = { servername: 'one.example', maxVersion, ...(session && { session }) };
        await using client = await RawClient.connect(gateway.port('secure'), { tls });
        const sessions: Buffer[] = [];
        client.secure.on('session', (one) => sessions.push(one));
        const { status } = await client
          .write('GET / HTTP/1.1\r\nHost: one.example\r\n\r\n')
          .response();
        return {
          isResumed: client.secure.isSessionReused(),
          status,
          session: sessions.at(-1) ?? client.secure.getSession(),
        };
      };
      const { session } = await visit();
      const again = await Promise.all(Array.from({ length: 16 }, () => visit(session)));
      expect(again.every(({ isResumed, status }) => isResumed && status === 200)).toBe(true);
    },
  );

  it('are one gateway on the admin port', async () => {
    const ready = JSON.parse((await ask(gateway.admin, request('GET', '/readyz'))).text());
    expect(ready).toEqual({
      isReady: true,
      checks: { phase: 'ready', workers: '2/2', configuration: 'ok' },
    });
    expect(await gateway.metric('portcullis_workers', 'state="ready"')).toBe(2);
    expect(await gateway.metric('portcullis_build_info')).toBe(1);
    const text = (await ask(gateway.admin, request('GET', '/metrics'))).text();
    for (const name of [
      'process_cpu_seconds_total',
      'portcullis_request_duration_seconds_bucket',
    ]) {
      expect(text).toContain(`\n${name}`);
    }
  });

  it('say together what each of them knows of the servers behind', async () => {
    const look = async (): Promise<UpstreamsReport['upstreams']> => {
      const response = await ask(gateway.admin, request('GET', '/upstreams'));
      expect(response.value('content-type')).toBe('application/json');
      return (JSON.parse(response.text()) as UpstreamsReport).upstreams; // what the admin port says
    };
    // Each worker finds out by itself what is wrong, so each has to be asked.
    const upstreams = await waitForValue('every worker to know', async () => {
      await using client = await RawClient.connect(gateway.edge);
      // The second is for the server whose turn it is then.
      for (let count = 0; count < 2; count += 1) {
        expect((await client.write(request('GET', '/app/x')).response()).status).toBe(200);
      }
      const found = await look();
      return found[0]?.servers[1]?.states.out === 2 ? found : null;
    });
    const [alive, dead] = upstreams[0]?.servers ?? [];
    expect(upstreams.map(({ name }) => name)).toEqual(['app']);
    expect(alive).toMatchObject({ state: 'up', states: { up: 2 }, failures: {} });
    expect(alive?.requests).toBe(upstream.requests.length);
    expect(dead).toMatchObject({ state: 'out', failures: { 'connect-failed': 2 } });
  });
});
