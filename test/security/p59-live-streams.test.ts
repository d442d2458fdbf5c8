import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Gateway } from '../support/gateway.ts';
import { lane } from '../support/lane.ts';
import { logIn } from '../support/login.ts';
import { ask, RawClient } from '../support/raw-client.ts';
import { RecordingUpstream, type ReceivedConnection } from '../support/recording-upstream.ts';
import { request } from '../support/request.ts';
import { waitFor } from '../support/wait-for.ts';
import {
  agrees,
  closed,
  closing,
  EchoServer,
  frame,
  handshake,
  openWebSocket,
  readFrames,
} from '../support/web-socket.ts';

async function logOut(gateway: Gateway, cookie: string): Promise<void> {
  const bytes = request('POST', '/auth/logout', [`Cookie: ${cookie}`, 'Connection: close']);
  const { status } = await ask(gateway.edge, bytes);
  expect(status).toBe(200);
}

describe('P59: a stream does not outlive its session', () => {
  const stack = new AsyncDisposableStack();
  let upstream: RecordingUpstream;
  let gateway: Gateway;

  beforeAll(async () => {
    upstream = stack.use(await RecordingUpstream.start({ answersAt: 'head' }));
    gateway = stack.use(await Gateway.planned({ upstreamPorts: [upstream.port] }));
  });
  afterAll(() => stack.disposeAsync());

  async function opened(cookie: string): Promise<[RawClient, ReceivedConnection]> {
    upstream.answer = agrees();
    const client = await RawClient.connect(gateway.edge);
    client.write(handshake('/live', [`Cookie: ${cookie}`]));
    expect(await client.informational()).toBe(101);
    const connection = upstream.connections.at(-1);
    if (connection === undefined) throw new Error('no upstream connection');
    return [client, connection];
  }

  it('a logout closes its WebSockets with 4401 within a second, and no others', async () => {
    const { cookie } = await logIn(gateway.edge);
    const other = await logIn(gateway.edge);
    const [one, oneUp] = await opened(cookie);
    const [two, twoUp] = await opened(cookie);
    const [foreign, foreignUp] = await opened(other.cookie);
    const started = performance.now();
    await logOut(gateway, cookie);
    for (const client of [one, two]) {
      expect(await client.closed()).toBe('end');
      const [last] = readFrames(client.pending).frames;
      expect(last?.opcode).toBe(8);
      expect(closing(last?.payload ?? Buffer.alloc(2))).toEqual([4401, 'session revoked']);
      client.end();
    }
    expect(performance.now() - started).toBeLessThan(1000);
    await waitFor('the upstream to be freed', () => oneUp.isClosed && twoUp.isClosed);
    foreignUp.write(frame(1, 'still here'));
    await waitFor('the other session', () => foreign.pending.includes('still here'));
    expect(await gateway.metric('portcullis_streams_closed_total', 'reason="revoked"')).toBe(2);
    foreign.reset();
    await waitFor('the other to be gone', () => foreignUp.isClosed || foreignUp.left !== null);
    const line = await gateway.accessLine('a cut', (entry) => entry['outcome'] === 'cut:revoked');
    expect(line['status']).toBe(101);
  });

  it('the frame that is under way is finished first', async () => {
    const { cookie } = await logIn(gateway.edge);
    const [client, connection] = await opened(cookie);
    const large = frame(2, Buffer.alloc(1_048_576, 7));
    connection.write(large.subarray(0, 500_000));
    await waitFor('half of the frame', () => client.pending.length === 500_000);
    await logOut(gateway, cookie);
    client.write(frame(1, 'too late', { mask: Buffer.from('mask') }));
    connection.write(Buffer.concat([large.subarray(500_000), frame(1, 'never seen')]));
    await client.closed();
    const { frames, rest } = readFrames(client.pending);
    expect(rest.length).toBe(0);
    expect(frames.map(({ opcode, payload }) => [opcode, payload.length])).toEqual([
      [2, 1_048_576],
      [8, 17],
    ]);
    expect(connection.bytes().length).toBe(connection.requests[0]?.head.length);
    client.reset();
  });

  it('where the frame is not finished within a second the socket is destroyed', async () => {
    const { cookie } = await logIn(gateway.edge);
    const [client, connection] = await opened(cookie);
    connection.write(frame(2, Buffer.alloc(1000)).subarray(0, 500));
    await waitFor('half of the frame', () => client.pending.length === 500);
    const started = performance.now();
    await logOut(gateway, cookie);
    await client.closed();
    expect(performance.now() - started).toBeLessThan(1500);
    expect(client.pending.length).toBe(500);
    await waitFor('the upstream to be freed', () => connection.isClosed);
  });

  it('a client that ignores the farewell is gone after a second', async () => {
    const { cookie } = await logIn(gateway.edge);
    const [client, connection] = await opened(cookie);
    await logOut(gateway, cookie);
    await waitFor('the farewell', () => client.left === 'end');
    client.write(frame(1, 'still talking', { mask: Buffer.from('mask') }));
    const active = (): Promise<number> => gateway.metric('portcullis_streams_active');
    await waitFor('the stream to end', async () => (await active()) === 0, 2_000);
    expect(connection.text()).not.toContain('still talking');
    client.reset();
  });

  it('a logout while the upstream is still asked leaves nothing open', async () => {
    const { cookie } = await logIn(gateway.edge);
    upstream.answer = () => {};
    await using client = await RawClient.connect(gateway.edge);
    client.write(handshake('/live', [`Cookie: ${cookie}`]));
    const before = upstream.connections.length;
    await waitFor(
      'the handshake upstream',
      () => (upstream.connections.at(before)?.requests.length ?? 0) > 0,
    );
    await logOut(gateway, cookie);
    await client.closed();
    expect(client.pending.length).toBe(0);
    await waitFor(
      'the upstream to be freed',
      () =>
        upstream.connections.at(before)?.isClosed === true ||
        upstream.connections.at(before)?.left !== null,
    );
  });

  it.skipIf(lane === 'tls')('a real client sees 4401', async () => {
    await using server = await EchoServer.start();
    await using real = await Gateway.planned({ upstreamPorts: [server.port] });
    const { cookie } = await logIn(real.edge);
    const socket = await openWebSocket(real.edge, '/', { cookie });
    const ending = closed(socket);
    await logOut(real, cookie);
    expect(await ending).toEqual({ code: 4401, reason: 'session revoked' });
    await waitFor('the server to be rid of it', () => server.openCount === 0);
  });
});

describe('P59: other streams', () => {
  const event = (text: string): string => `data: ${text}\n\n`;

  it(
    'an event stream of more than ten seconds ends with its session',
    { timeout: 40_000 },
    async () => {
      await using upstream = await RecordingUpstream.start({ answersAt: 'head' });
      await using gateway = await Gateway.planned({ upstreamPorts: [upstream.port] });
      const { cookie } = await logIn(gateway.edge);
      upstream.answer = ({ connection }) => {
        connection.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n');
        connection.write(event('one'));
      };
      await using client = await RawClient.connect(gateway.edge);
      client.write(request('GET', '/events', [`Cookie: ${cookie}`]));
      await waitFor('the first event', () => client.pending.includes(event('one')));
      const active = (): Promise<number> => gateway.metric('portcullis_streams_active');
      await waitFor('it to be a stream', async () => (await active()) === 1, 14_000);
      await logOut(gateway, cookie);
      await client.closed();
      expect(client.pending.toString('latin1')).not.toMatch(/\r\n0\r\n\r\n$/);
      await upstream.allClosed();
      expect(await gateway.metric('portcullis_streams_closed_total', 'reason="revoked"')).toBe(1);
    },
  );

  it(
    'one whose session ended before it was ten seconds old ends then',
    { timeout: 40_000 },
    async () => {
      await using upstream = await RecordingUpstream.start({ answersAt: 'head' });
      await using gateway = await Gateway.planned({ upstreamPorts: [upstream.port] });
      const { cookie } = await logIn(gateway.edge);
      upstream.answer = ({ connection }) => {
        connection.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n');
      };
      await using client = await RawClient.connect(gateway.edge);
      client.write(request('GET', '/events', [`Cookie: ${cookie}`]));
      await waitFor('the head', () => client.pending.length > 0);
      await logOut(gateway, cookie);
      await client.closed(14_000);
      await upstream.allClosed();
    },
  );

  it('the end of a session by time, and old age, cut as well', { timeout: 40_000 }, async () => {
    await using upstream = await RecordingUpstream.start({ answersAt: 'head', answer: agrees() });
    await using gateway = await Gateway.planned({
      upstreamPorts: [upstream.port],
      edge: { streams: { ageMax: '4s' } },
      sections: { sessions: { idleTimeout: '2s' } },
    });
    const { cookie } = await logIn(gateway.edge);
    await using own = await RawClient.connect(gateway.edge);
    own.write(handshake('/live', [`Cookie: ${cookie}`]));
    await using anybody = await RawClient.connect(gateway.edge);
    anybody.write(handshake('/public/live'));
    for (const client of [own, anybody]) expect(await client.informational()).toBe(101);
    await own.closed();
    expect(closing(readFrames(own.pending).frames[0]?.payload ?? Buffer.alloc(2))).toEqual([
      4401,
      'session expired',
    ]);
    await anybody.closed();
    expect(closing(readFrames(anybody.pending).frames[0]?.payload ?? Buffer.alloc(2))[0]).toBe(
      1001,
    );
    for (const reason of ['expired', 'age']) {
      await waitFor(
        reason,
        async () =>
          (await gateway.metric('portcullis_streams_closed_total', `reason="${reason}"`)) === 1,
      );
    }
  });

  it(
    'whoever stays in sight keeps the stream: other requests count',
    { timeout: 40_000 },
    async () => {
      await using upstream = await RecordingUpstream.start({ answersAt: 'head', answer: agrees() });
      await using gateway = await Gateway.planned({
        upstreamPorts: [upstream.port],
        sections: { sessions: { idleTimeout: '2s' } },
      });
      const { cookie } = await logIn(gateway.edge);
      await using client = await RawClient.connect(gateway.edge);
      client.write(handshake('/live', [`Cookie: ${cookie}`]));
      expect(await client.informational()).toBe(101);
      const until = performance.now() + 4_000;
      await waitFor(
        'twice the idle timeout',
        async () => {
          const bytes = request('GET', '/auth/session', [`Cookie: ${cookie}`, 'Connection: close']);
          expect((await ask(gateway.edge, bytes)).status).toBe(200);
          return performance.now() > until;
        },
        8_000,
      );
      expect(client.left).toBeNull();
    },
  );
});
