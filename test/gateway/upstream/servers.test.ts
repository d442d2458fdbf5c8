import { describe, expect, it } from 'vitest';
import { freePorts } from '../../support/free-ports.ts';
import { Gateway } from '../../support/gateway.ts';
import { ask, RawClient } from '../../support/raw-client.ts';
import {
  after,
  never,
  ok,
  RecordingUpstream,
  reset,
  respond,
} from '../../support/recording-upstream.ts';
import { request } from '../../support/request.ts';
import { waitFor } from '../../support/wait-for.ts';

async function three(): Promise<
  AsyncDisposable & { upstreams: RecordingUpstream[]; ports: number[] }
> {
  const stack = new AsyncDisposableStack();
  const upstreams: RecordingUpstream[] = [];
  for (const name of ['one', 'two', 'three']) {
    upstreams.push(stack.use(await RecordingUpstream.start({ answer: respond(200, [], name) })));
  }
  return {
    upstreams,
    ports: upstreams.map((upstream) => upstream.port),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function bodies(gateway: Gateway, count: number): Promise<string[]> {
  await using client = await RawClient.connect(gateway.edge);
  const texts: string[] = [];
  while (texts.length < count) {
    const response = await client.write(request('GET', '/public/x')).response();
    texts.push(response.status === 200 ? response.text() : String(response.status));
  }
  return texts;
}

describe('the servers of a group', () => {
  it('are asked in turn', async () => {
    await using group = await three();
    await using gateway = await Gateway.planned({ upstreamPorts: group.ports });
    const seen = await bodies(gateway, 9);
    for (const [index, body] of seen.entries()) expect(body).toBe(seen[index % 3]);
    expect(new Set(seen)).toEqual(new Set(['one', 'two', 'three']));
  });

  it('are each asked the same number of times', async () => {
    await using group = await three();
    await using gateway = await Gateway.planned({ upstreamPorts: group.ports });
    await bodies(gateway, 30);
    expect(group.upstreams.map((upstream) => upstream.requests.length)).toEqual([10, 10, 10]);
  });

  it('are left alone for failTimeout after maxFails failures, then asked again', async () => {
    await using broken = await RecordingUpstream.start({ answer: reset() });
    await using sound = await RecordingUpstream.start();
    await using gateway = await Gateway.planned({
      upstreamPorts: [broken.port, sound.port],
      upstream: { maxFails: 2, failTimeout: '1s' },
    });
    const post = request('POST', '/public/x', ['Content-Length: 0']);
    const statuses: number[] = [];
    for (let round = 0; round < 20; round++) statuses.push((await ask(gateway.edge, post)).status);
    expect(statuses.filter((status) => status === 502)).toHaveLength(2);
    expect(broken.requests).toHaveLength(2);
    broken.answer = ok();
    await waitFor('the server to be asked again', async () => {
      expect((await ask(gateway.edge, post)).status).toBe(200);
      return broken.requests.length > 2;
    });
  });

  it('with maxFails 0 are never left alone', async () => {
    await using broken = await RecordingUpstream.start({ answer: reset() });
    await using sound = await RecordingUpstream.start();
    await using gateway = await Gateway.planned({
      upstreamPorts: [broken.port, sound.port],
      upstream: { maxFails: 0 },
    });
    const post = request('POST', '/public/x', ['Content-Length: 0']);
    for (let round = 0; round < 10; round++) await ask(gateway.edge, post);
    expect(broken.requests).toHaveLength(5);
  });

  it('that are all marked are tried all the same: 502, and well again at once', async () => {
    await using one = await RecordingUpstream.start({ answer: reset() });
    await using two = await RecordingUpstream.start({ answer: reset() });
    await using gateway = await Gateway.planned({
      upstreamPorts: [one.port, two.port],
      upstream: { failTimeout: '1m' },
    });
    const post = request('POST', '/public/x', ['Content-Length: 0']);
    for (let round = 0; round < 6; round++)
      expect((await ask(gateway.edge, post)).status).toBe(502);
    one.answer = ok();
    two.answer = ok();
    for (let round = 0; round < 4; round++)
      expect((await ask(gateway.edge, post)).status).toBe(200);
  });

  it('of which there is one is never left alone', async () => {
    await using only = await RecordingUpstream.start({ answer: reset() });
    await using gateway = await Gateway.planned({ upstreamPorts: [only.port] });
    const post = request('POST', '/public/x', ['Content-Length: 0']);
    for (let round = 0; round < 3; round++)
      expect((await ask(gateway.edge, post)).status).toBe(502);
    only.answer = ok();
    expect((await ask(gateway.edge, post)).status).toBe(200);
  });

  it('that refuse connections are passed over without the client noticing', async () => {
    const [closed = 0] = await freePorts(1);
    await using sound = await RecordingUpstream.start();
    await using gateway = await Gateway.planned({ upstreamPorts: [closed, sound.port] });
    for (let round = 0; round < 6; round++) {
      const post = request('POST', '/public/x', ['Content-Length: 0']);
      expect((await ask(gateway.edge, post)).status).toBe(200);
    }
  });

  it('that all refuse connections are 502', async () => {
    const ports = await freePorts(2);
    await using gateway = await Gateway.planned({ upstreamPorts: ports });
    for (let round = 0; round < 3; round++) {
      expect((await ask(gateway.edge, request('GET', '/public/x'))).status).toBe(502);
    }
  });
});

describe('connections to a server', () => {
  it('are no more than allowed; further requests wait in line', async () => {
    await using upstream = await RecordingUpstream.start({ answer: after(50, ok()) });
    await using gateway = await Gateway.planned({
      upstreamPorts: [upstream.port],
      upstream: { connectionsMax: 2 },
    });
    const all = Array.from({ length: 10 }, () => ask(gateway.edge, request('GET', '/public/x')));
    for (const response of await Promise.all(all)) expect(response.status).toBe(200);
    expect(upstream.connections.length).toBeLessThanOrEqual(2);
  });

  it('have a line of bounded length: one more is 503 with Retry-After', async () => {
    await using upstream = await RecordingUpstream.start({ answer: never() });
    await using gateway = await Gateway.planned({
      upstreamPorts: [upstream.port],
      upstream: { connectionsMax: 1, queueMax: 2 },
    });
    await using stack = new AsyncDisposableStack();
    const waiting: RawClient[] = [];
    for (let count = 0; count < 3; count++) {
      const client = stack.use(await RawClient.connect(gateway.edge));
      client.write(request('GET', '/public/x'));
      waiting.push(client);
      if (count === 0) await upstream.requestCount(1);
    }
    await waitFor(
      'two in line',
      async () => (await gateway.metric('portcullis_upstream_requests_waiting')) === 2,
    );
    const refused = await ask(gateway.edge, request('GET', '/public/x'));
    expect(refused.status).toBe(503);
    expect(refused.value('retry-after')).toMatch(/^\d+$/);
    waiting[1]?.reset();
    await waitFor(
      'the one that left to be forgotten',
      async () => (await gateway.metric('portcullis_upstream_requests_waiting')) === 1,
    );
  });
});

describe('what an upstream is told', () => {
  it('is the address of the socket, not what the client says', async () => {
    await using upstream = await RecordingUpstream.start();
    await using gateway = await Gateway.planned({ upstreamPorts: [upstream.port] });
    const lines = [
      'X-Forwarded-For: 1.2.3.4',
      'X-Forwarded-Proto: https',
      'X-Forwarded-Host: evil',
    ];
    await ask(gateway.edge, request('GET', '/public/x', lines));
    const { onlyRequest } = upstream;
    expect(onlyRequest.values('x-forwarded-for')).toEqual(['127.0.0.1']);
    expect(onlyRequest.values('x-forwarded-proto')).toEqual(['http']);
    expect(onlyRequest.values('x-forwarded-host')).toEqual(['a']);
  });

  it('is https behind a terminator of our own', async () => {
    await using upstream = await RecordingUpstream.start();
    await using gateway = await Gateway.planned({
      upstreamPorts: [upstream.port],
      edge: { secure: true },
    });
    await ask(gateway.edge, request('GET', '/public/x'));
    expect(upstream.onlyRequest.values('x-forwarded-proto')).toEqual(['https']);
  });
});
