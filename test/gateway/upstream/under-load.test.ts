import { expect, it, vi } from 'vitest';
import { freePorts } from '../../support/free-ports.ts';
import { Gateway } from '../../support/gateway.ts';
import { NameServer } from '../../support/name-server.ts';
import { patientMs } from '../../support/patience.ts';
import { RecordingUpstream, respond } from '../../support/recording-upstream.ts';
import { SteadyLoad, type Sent } from '../../support/steady-load.ts';
import { UpstreamProcess } from '../../support/upstream-process.ts';
import { waitFor } from '../../support/wait-for.ts';

// Processes start, die and start again here.
vi.setConfig({ testTimeout: patientMs(120_000) });

/** Every GET is answered, and nothing that may not be sent twice has come twice. */
function expectHarmless(sent: readonly Sent[], seen: readonly string[]): void {
  const failed = sent.filter(({ method, status }) => method === 'GET' && status !== 200);
  expect(failed).toEqual([]);
  const posts = seen.filter((line) => line.startsWith('POST '));
  expect(posts).toHaveLength(new Set(posts).size);
  const odd = sent.filter(({ status }) => ![200, 502, 504].includes(status));
  expect(odd).toEqual([]);
}

/** Waits until the load has gone through so many more requests. */
async function more(load: SteadyLoad, count: number): Promise<void> {
  const goal = load.sent.length + count;
  await waitFor(`${String(count)} more requests`, () => load.sent.length >= goal, 30_000);
}

it('a server that is killed and comes back under load costs no GET, and no POST comes twice', async () => {
  const ports = await freePorts(3);
  await using stack = new AsyncDisposableStack();
  const servers: UpstreamProcess[] = [];
  for (const [index, port] of ports.entries()) {
    servers.push(stack.use(await new UpstreamProcess(`s${String(index)}`, port).start()));
  }
  const [victim] = servers;
  if (victim === undefined) throw new Error('no server');
  const gateway = stack.use(
    await Gateway.planned({ upstreamPorts: ports, upstream: { failTimeout: '300ms' } }),
  );
  const load = new SteadyLoad(gateway.edge, 6);
  for (let round = 0; round < 2; round++) {
    await more(load, 150);
    await victim.kill();
    await more(load, 150);
    const before = victim.requests.length;
    await victim.start();
    await waitFor('the server to be asked again', () => victim.requests.length > before, 15_000);
  }
  const sent = await load.stop();
  expectHarmless(
    sent,
    servers.flatMap(({ requests }) => requests),
  );
  // Those that were on their way to it when it died: at most one each of the clients, twice.
  expect(sent.filter(({ status }) => status !== 200).length).toBeLessThanOrEqual(12);
});

it('a server that freezes under load costs no GET, and no POST comes twice', async () => {
  const ports = await freePorts(3);
  await using stack = new AsyncDisposableStack();
  const servers: UpstreamProcess[] = [];
  for (const [index, port] of ports.entries()) {
    servers.push(stack.use(await new UpstreamProcess(`s${String(index)}`, port).start()));
  }
  const [victim] = servers;
  if (victim === undefined) throw new Error('no server');
  const gateway = stack.use(
    await Gateway.planned({
      upstreamPorts: ports,
      upstream: { firstByteTimeout: '1s', failTimeout: '5s' },
    }),
  );
  const load = new SteadyLoad(gateway.edge, 6);
  await more(load, 100);
  victim.signal('SIGSTOP');
  await waitFor(
    'it to be put out',
    async () => (await gateway.metric('portcullis_upstream_servers', 'state="out"')) === 1,
    15_000,
  );
  await more(load, 100);
  victim.signal('SIGCONT');
  await waitFor(
    'it to be back',
    async () => (await gateway.metric('portcullis_upstream_servers', 'state="out"')) === 0,
    30_000,
  );
  const sent = await load.stop();
  expectHarmless(
    sent,
    servers.flatMap(({ requests }) => requests),
  );
});

it('a name that changes its address under load costs no request at all', async () => {
  await using stack = new AsyncDisposableStack();
  const one = stack.use(await RecordingUpstream.start({ answer: respond(200, [], 'one') }));
  const { port } = one;
  const options = { host: '127.0.0.2', port, answer: respond(200, [], 'two') };
  const two = stack.use(await RecordingUpstream.start(options));
  const names = stack.use(await NameServer.start({ 'app.test': ['127.0.0.1'] }));
  const gateway = stack.use(
    await Gateway.planned({
      upstreamPorts: [],
      sections: {
        upstreams: {
          app: {
            servers: [`app.test:${String(port)}`],
            names: { servers: [names.address], interval: '100ms' },
          },
        },
      },
    }),
  );
  const load = new SteadyLoad(gateway.edge, 4);
  for (const address of ['127.0.0.2', '127.0.0.1', '127.0.0.2']) {
    await more(load, 60);
    const server = address === '127.0.0.2' ? two : one;
    const before = server.requests.length;
    names.names.set('app.test', [address]);
    await server.requestCount(before + 20);
  }
  const sent = await load.stop();
  expect(sent.filter(({ status }) => status !== 200)).toEqual([]);
  expect(one.requests.length + two.requests.length).toBe(sent.length);
});
