import { describe, expect, it } from 'vitest';
import { after, ok, RecordingUpstream, type Turn } from '../../support/recording-upstream.ts';
import { Gateway } from '../../support/gateway.ts';
import { RawClient } from '../../support/raw-client.ts';
import { request } from '../../support/request.ts';
import { useScene } from '../../support/scene.ts';
import { waitFor } from '../../support/wait-for.ts';

describe('a listener with a cap of connections', () => {
  const scene = useScene({ edge: { limits: { connectionsMax: 4 } } });

  it('sheds one more and fails none that it has', async () => {
    await using stack = new AsyncDisposableStack();
    const four: RawClient[] = [];
    while (four.length < 4) {
      const client = stack.use(await scene.connect());
      expect((await client.write(request('GET', '/public/x')).response()).status).toBe(200);
      four.push(client);
    }
    await using fifth = await scene.connect();
    fifth.write(request('GET', '/public/x'));
    await fifth.closed();
    expect(fifth.pending.toString('latin1')).not.toMatch(/^HTTP\/1\.1 200/);
    for (const client of four) {
      expect((await client.write(request('GET', '/public/x')).response()).status).toBe(200);
    }
    expect(await scene.gateway.metric('portcullis_connections_shed_total')).toBeGreaterThan(0);
  });
});

describe('a process with few descriptors', () => {
  it('sheds new connections, and no request in progress fails', async () => {
    await using upstream = await RecordingUpstream.start({ answer: after(1_500, ok()) });
    await using gateway = await Gateway.planned(
      { upstreamPorts: [upstream.port] },
      { wrapper: ['prlimit', '--nofile=256:256'] },
    );
    await using stack = new AsyncDisposableStack();
    const busy: RawClient[] = [];
    for (let count = 0; count < 40; count++) {
      const client = stack.use(await RawClient.connect(gateway.edge));
      client.write(request('GET', '/public/x'));
      busy.push(client);
    }
    await upstream.requestCount(40);
    const crowd: RawClient[] = [];
    for (let count = 0; count < 400; count++) {
      const client = stack.use(await RawClient.connect(gateway.edge));
      client.write(request('GET', '/public/x'));
      crowd.push(client);
    }
    for (const client of busy) expect((await client.response()).status).toBe(200);
    await waitFor(
      'the crowd to be served or shed',
      () => crowd.every((client) => client.left !== null || client.pending.length > 0),
      20_000,
    );
    const shed = crowd.filter((client) => client.pending.length === 0);
    expect(shed.length).toBeGreaterThan(100);
    for (const client of crowd) {
      expect(client.pending.toString('latin1')).toMatch(/^(HTTP\/1\.1 (200|503) |$)/);
    }
    for (const client of [...busy, ...crowd]) client.reset();
    await waitFor(
      'the gateway to serve again',
      async () => {
        try {
          await using client = await RawClient.connect(gateway.edge);
          return (await client.write(request('GET', '/public/x')).response()).status === 200;
        } catch {
          return false;
        }
      },
      10_000,
    );
    expect(gateway.process.hasExited).toBe(false);
  });

  it('keeps some for the upstreams of those whom it has let in', async () => {
    await using upstream = await RecordingUpstream.start();
    await using gateway = await Gateway.planned(
      { upstreamPorts: [upstream.port] },
      { wrapper: ['prlimit', '--nofile=256:256'] },
    );
    await using stack = new AsyncDisposableStack();
    const clients: RawClient[] = [];
    for (let count = 0; count < 400; count++) {
      clients.push(stack.use(await RawClient.connect(gateway.edge)));
    }
    await waitFor('the rest to be shed', () => clients.some((client) => client.left !== null));
    const staying = clients.filter((client) => client.left === null).slice(0, 20);
    expect(staying).toHaveLength(20);
    for (const client of staying) client.write(request('GET', '/public/x'));
    for (const client of staying) expect((await client.response()).status).toBe(200);
  });

  it('has the idle connections of one upstream give way to those that another needs', async () => {
    const names = ['one', 'two', 'three', 'four'];
    const crowd = 60;
    await using stack = new AsyncDisposableStack();
    const upstreams: Record<string, { servers: string[] }> = {};
    for (const name of names) {
      // All are answered when all have come: each group gets as many connections as there are clients.
      const turns: Turn[] = [];
      const answer = async (turn: Turn): Promise<void> => {
        turns.push(turn);
        if (turns.length === crowd) for (const each of turns) await ok()(each);
      };
      const upstream = stack.use(await RecordingUpstream.start({ answer }));
      upstreams[name] = { servers: [`127.0.0.1:${String(upstream.port)}`] };
    }
    const routes = names.map(
      (name) => ({ path: `/${name}/`, auth: 'none', upstream: name }) as const,
    );
    await using gateway = await Gateway.planned(
      { upstreamPorts: [], appRoutes: routes, sections: { upstreams } },
      { wrapper: ['prlimit', '--nofile=256:256'] },
    );
    const clients: RawClient[] = [];
    while (clients.length < crowd) clients.push(stack.use(await RawClient.connect(gateway.edge)));
    for (const name of names) {
      for (const client of clients) client.write(request('GET', `/${name}/x`));
      const statuses = clients.map(async (client) => (await client.response()).status);
      expect(new Set(await Promise.all(statuses)), name).toEqual(new Set([200]));
    }
    expect(await gateway.metric('portcullis_upstream_failures_total')).toBe(0);
  });
});
