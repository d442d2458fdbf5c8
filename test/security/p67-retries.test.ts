import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { Gateway } from '../support/gateway.ts';
import { itOnHttp1, lane } from '../support/lane.ts';
import { ask as askOnHttp1, RawClient, type RawResponse } from '../support/raw-client.ts';
import { ok, RecordingUpstream, reset, type Answer } from '../support/recording-upstream.ts';
import { request } from '../support/request.ts';
import { TranslatedClient } from '../support/translated-client.ts';
import { waitFor } from '../support/wait-for.ts';

async function askOnHttp2(port: number, bytes: string): Promise<RawResponse> {
  await using client = await TranslatedClient.connect(port);
  const { response } = await client.ask(bytes);
  if (response === null) throw new Error('no answer');
  return response;
}

const ask = lane === 'http2' ? askOnHttp2 : askOnHttp1;

interface Pair extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly broken: RecordingUpstream;
  readonly sound: RecordingUpstream;
}

/** Two servers of one group; nothing marks them as failed, so both keep getting requests. */
async function pair(broken: Answer, sound: Answer = ok()): Promise<Pair> {
  const stack = new AsyncDisposableStack();
  const first = stack.use(await RecordingUpstream.start({ answer: broken }));
  const second = stack.use(await RecordingUpstream.start({ answer: sound }));
  const gateway = stack.use(
    await Gateway.planned({
      upstreamPorts: [first.port, second.port],
      upstream: { maxFails: 0 },
    }),
  );
  return {
    gateway,
    broken: first,
    sound: second,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const count = (...upstreams: readonly RecordingUpstream[]): number =>
  upstreams.reduce((sum, upstream) => sum + upstream.requests.length, 0);

describe('P67: a request is sent twice only if that can do no harm', () => {
  it.each(['GET', 'HEAD', 'OPTIONS'])(
    '%s goes to the next server after a reset',
    async (method) => {
      await using servers = await pair(reset());
      const { gateway, broken, sound } = servers;
      for (let round = 0; round < 4; round++) {
        const response = await ask(gateway.edge, request(method, `/public/${String(round)}`));
        expect(response.status).toBe(200);
      }
      expect(broken.requests.length).toBeGreaterThan(0);
      expect(sound.requests).toHaveLength(4);
    },
  );

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
    '%s that was sent is never sent again',
    async (method) => {
      await using servers = await pair(reset());
      const { gateway, broken, sound } = servers;
      const statuses: number[] = [];
      for (let round = 0; round < 4; round++) {
        const response = await ask(gateway.edge, request(method, `/public/${String(round)}`));
        statuses.push(response.status);
      }
      expect(statuses.toSorted()).toEqual([200, 200, 502, 502]);
      expect(count(broken, sound)).toBe(4);
    },
  );

  it('GET whose body has begun is never sent again', async () => {
    await using servers = await pair(reset());
    const { gateway, broken, sound } = servers;
    for (let round = 0; round < 4; round++) {
      await ask(gateway.edge, request('GET', '/public/x', ['Content-Length: 2'], 'hi'));
    }
    expect(count(broken, sound)).toBe(4);
  });

  it.each([
    ['half a status line', 'HTTP/1.1 20'],
    ['half a head', 'HTTP/1.1 200 OK\r\nContent-Len'],
    ['a head that is broken', 'nonsense\r\n\r\n'],
  ])('GET that was answered by %s is never sent again', async (_kind, bytes) => {
    await using servers = await pair(reset(bytes));
    const { gateway, broken, sound } = servers;
    const statuses: number[] = [];
    for (let round = 0; round < 4; round++) {
      statuses.push((await ask(gateway.edge, request('GET', '/public/x'))).status);
    }
    expect(statuses.toSorted()).toEqual([200, 200, 502, 502]);
    expect(count(broken, sound)).toBe(4);
  });

  it('GET is sent three times at the most', async () => {
    await using servers = await pair(reset(), reset());
    const { gateway, broken, sound } = servers;
    expect((await ask(gateway.edge, request('GET', '/public/x'))).status).toBe(502);
    expect(count(broken, sound)).toBeGreaterThan(1);
    expect(count(broken, sound)).toBeLessThanOrEqual(3);
  });

  itOnHttp1('a whole group that fails gets little more than the requests themselves', async () => {
    await using servers = await pair(reset(), reset());
    const { gateway, broken, sound } = servers;
    await using client = await RawClient.connect(gateway.edge);
    const began = performance.now();
    for (let round = 0; round < 200; round++) {
      expect((await client.write(request('GET', '/public/x')).response()).status).toBe(502);
    }
    const seconds = (performance.now() - began) / 1000;
    // A fifth more, and the floor of ten a second with what it may have saved up.
    expect(count(broken, sound)).toBeLessThanOrEqual(200 + 40 + 10 * (seconds + 2));
  });

  it('a connect that failed is no retry: any method goes to the next server, body and all', async () => {
    const [closed = 0] = await freePorts(1);
    await using sound = await RecordingUpstream.start();
    await using gateway = await Gateway.planned({
      upstreamPorts: [closed, sound.port],
      upstream: { maxFails: 0 },
    });
    for (let round = 0; round < 6; round++) {
      const bytes = request('POST', '/public/x', ['Content-Length: 2'], 'hi');
      expect((await ask(gateway.edge, bytes)).status).toBe(200);
    }
    expect(sound.requests.map((received) => received.body.toString())).toEqual(Array(6).fill('hi'));
  });

  itOnHttp1('a kept connection that the upstream had closed costs GET nothing', async () => {
    await using upstream = await RecordingUpstream.start();
    await using gateway = await Gateway.planned({ upstreamPorts: [upstream.port] });
    await using client = await RawClient.connect(gateway.edge);
    for (let round = 0; round < 5; round++) {
      expect((await client.write(request('GET', '/public/x')).response()).status).toBe(200);
      for (const { socket } of upstream.connections) {
        if (socket.destroyed) continue;
        socket.end();
        if (!socket.closed) await once(socket, 'close');
      }
      await waitFor('the connections to close', () =>
        upstream.connections.every((connection) => connection.isClosed),
      );
    }
    expect(upstream.requests).toHaveLength(5);
  });
});
