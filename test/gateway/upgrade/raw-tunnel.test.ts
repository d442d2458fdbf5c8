import { describe, expect, it } from 'vitest';
import { Gateway } from '../../support/gateway.ts';
import { RawClient } from '../../support/raw-client.ts';
import { freePorts } from '../../support/free-ports.ts';
import {
  never,
  RecordingUpstream,
  type ReceivedConnection,
} from '../../support/recording-upstream.ts';
import { useScene } from '../../support/scene.ts';
import { waitFor } from '../../support/wait-for.ts';
import { agrees, closing, frame, handshake, readFrames } from '../../support/web-socket.ts';

describe('a tunnel', () => {
  const scene = useScene({ edge: { streams: { idleTimeout: '3s' } } }, { answersAt: 'head' });

  async function opened(): Promise<[RawClient, ReceivedConnection]> {
    scene.upstream.answer = async (turn) => {
      await agrees()(turn);
      await never()(turn); // it is the test that ends the connection
    };
    const client = await scene.connect();
    client.write(handshake('/public/x'));
    expect(await client.informational()).toBe(101);
    const connection = scene.upstream.connections.at(-1);
    if (connection === undefined) throw new Error('no upstream connection');
    return [client, connection];
  }
  const active = (): Promise<number> => scene.gateway.metric('portcullis_streams_active');
  const over = (): Promise<void> =>
    waitFor('the stream to end', async () => (await active()) === 0);

  it('passes the end of the client on, and what the server says after it', async () => {
    const [client, connection] = await opened();
    client.write('last words').end();
    await waitFor('the end upstream', () => connection.left === 'end');
    expect(connection.text()).toMatch(/last words$/);
    connection.write('and an answer');
    await waitFor('the answer', () => client.pending.toString() === 'and an answer');
    connection.socket.end();
    expect(await client.closed()).toBe('end');
    await over();
  });

  it('passes the end of the server on, and what the client says after it', async () => {
    const [client, connection] = await opened();
    connection.write('bye');
    connection.socket.end();
    await waitFor('the end at the client', () => client.left === 'end');
    expect(client.pending.toString()).toBe('bye');
    client.write('x'.repeat(300_000)).end();
    await waitFor('the end upstream', () => connection.left === 'end');
    expect(connection.text().length - (connection.requests[0]?.head.length ?? 0)).toBe(300_000);
    await over();
  });

  it('a client that breaks off frees the upstream at once', async () => {
    const [client, connection] = await opened();
    client.reset();
    await waitFor(
      'the upstream to be freed',
      () => connection.left !== null || connection.isClosed,
      1_000,
    );
    await over();
  });

  it('a server that breaks off is seen by the client as that', async () => {
    const [client, connection] = await opened();
    connection.socket.resetAndDestroy();
    expect(await client.closed(1_000)).toBe('reset');
    await over();
    await scene.gateway.accessLine('the break', (line) => line['outcome'] === 'upstream:reset');
  });

  it('a client that reads nothing stops the server, and loses nothing', async () => {
    const [client, connection] = await opened();
    client.socket.pause();
    const piece = Buffer.alloc(65_536, 'd');
    const total = 800;
    let sent = 0;
    const pump = (): void => {
      while (sent < total && connection.socket.write(piece)) sent++;
      if (sent < total) connection.socket.once('drain', pump);
    };
    pump();
    await waitFor('the server to be held up', () => connection.socket.writableNeedDrain);
    const held = sent;
    expect(held).toBeLessThan(total / 2);
    client.socket.resume();
    await waitFor('all of it', () => client.socket.bytesRead >= total * piece.length, 20_000);
    client.reset();
  });

  it('a server that reads nothing stops the client, and loses nothing', async () => {
    const [client, connection] = await opened();
    connection.socket.pause();
    const piece = Buffer.alloc(65_536, 'u');
    const total = 800;
    let sent = 0;
    const pump = (): void => {
      while (sent < total && client.socket.write(piece)) sent++;
      if (sent < total) client.socket.once('drain', pump);
    };
    pump();
    await waitFor('the client to be held up', () => client.socket.writableNeedDrain);
    expect(sent).toBeLessThan(total / 2);
    connection.socket.resume();
    const head = connection.requests[0]?.head.length ?? 0;
    await waitFor(
      'all of it',
      () => connection.socket.bytesRead - head >= total * piece.length,
      20_000,
    );
    client.reset();
  });

  it('one in which nothing moves is closed with 1001', async () => {
    const [client] = await opened();
    await client.closed();
    expect(closing(readFrames(client.pending).frames[0]?.payload ?? Buffer.alloc(2))[0]).toBe(1001);
    client.end();
    await over();
    await scene.gateway.accessLine('the idle one', (line) => line['outcome'] === 'cut:idle');
  });

  it('one in which something moves, either way, is not', async () => {
    const [client, connection] = await opened();
    const until = performance.now() + 5_000;
    let turn = 0;
    await waitFor(
      'longer than the idle timeout',
      () => {
        if (turn++ % 2 === 0) connection.write(frame(9, ''));
        else client.write(frame(10, '', { mask: Buffer.from('mask') }));
        return performance.now() > until;
      },
      8_000,
    );
    expect(client.left).toBeNull();
    client.reset();
  });

  it('a large answer that is no 101 waits for a slow client', async () => {
    const body = Buffer.alloc(50 * 1024 * 1024, 'b');
    scene.upstream.answer = ({ connection }) => {
      connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${String(body.length)}\r\n\r\n`);
      connection.write(body);
    };
    await using client = await scene.connect();
    client.socket.pause();
    client.write(handshake('/public/x'));
    await waitFor('the handshake upstream', () => scene.forwarded().length === 1);
    const { socket } = scene.upstream.connections.at(-1) ?? {};
    let last = -1;
    await waitFor('the server to be held up', () => {
      const now = socket?.bytesWritten === undefined ? 0 : socket.writableLength;
      const isStill = now === last && now > 0;
      last = now;
      return isStill;
    });
    client.socket.resume();
    const response = await client.response('GET', 20_000);
    expect(response.body.equals(body)).toBe(true);
  });
});

describe('a handshake', () => {
  it('goes to the next server where one refuses connections', async () => {
    await using upstream = await RecordingUpstream.start({ answer: agrees() });
    const [dead = 0] = await freePorts(1);
    await using gateway = await Gateway.planned({ upstreamPorts: [dead, upstream.port] });
    for (let round = 0; round < 2; round++) {
      await using client = await RawClient.connect(gateway.edge);
      client.write(handshake('/public/x'));
      expect(await client.informational()).toBe(101);
    }
  });

  it('is 502 where all refuse, and 504 where nobody answers', async () => {
    await using upstream = await RecordingUpstream.start({ answer: never() });
    const [dead = 0] = await freePorts(1);
    await using none = await Gateway.planned({ upstreamPorts: [dead] });
    await using mute = await Gateway.planned({
      upstreamPorts: [upstream.port],
      upstream: { firstByteTimeout: '500ms' },
    });
    for (const [gateway, status] of [
      [none, 502],
      [mute, 504],
    ] as const) {
      await using client = await RawClient.connect(gateway.edge);
      const response = await client.write(handshake('/public/x')).response();
      expect(response.status).toBe(status);
      expect(await client.closed()).toBe('end');
    }
    await upstream.allClosed();
  });

  it('that the client leaves frees the upstream', async () => {
    await using upstream = await RecordingUpstream.start({ answer: never() });
    await using gateway = await Gateway.planned({ upstreamPorts: [upstream.port] });
    const client = await RawClient.connect(gateway.edge);
    client.write(handshake('/public/x'));
    await upstream.requestCount(1);
    client.reset();
    await upstream.allClosed(1_000);
    await gateway.accessLine('it', (line) => line['outcome'] === 'client-abort');
    expect(upstream.requests).toHaveLength(1);
  });
});

describe('a gateway that stops', () => {
  it('tells its WebSockets to come back, and does not wait for them', async () => {
    await using upstream = await RecordingUpstream.start({ answer: agrees() });
    await using gateway = await Gateway.planned({ upstreamPorts: [upstream.port] });
    await using client = await RawClient.connect(gateway.edge);
    client.write(handshake('/public/x'));
    expect(await client.informational()).toBe(101);
    const started = performance.now();
    gateway.process.signal('SIGTERM');
    await client.closed();
    expect(closing(readFrames(client.pending).frames[0]?.payload ?? Buffer.alloc(2))).toEqual([
      1012,
      'restarting',
    ]);
    await gateway.process.exit;
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('a handshake under way when the gateway stops', () => {
  it('comes to its answer, and is told to come back', async () => {
    let agree: (() => void) | undefined;
    await using upstream = await RecordingUpstream.start({
      answer: (turn) => {
        agree = () => void agrees()(turn);
      },
    });
    await using gateway = await Gateway.planned({ upstreamPorts: [upstream.port] });
    await using client = await RawClient.connect(gateway.edge);
    client.write(handshake('/public/x'));
    await upstream.requestCount(1);
    gateway.process.signal('SIGTERM');
    await waitFor('the gateway to drain', () =>
      RawClient.connect(gateway.edge).then(
        (other) => (other.reset(), false),
        () => true,
      ),
    );
    agree?.();
    expect(await client.informational()).toBe(101);
    await client.closed();
    expect(closing(readFrames(client.pending).frames[0]?.payload ?? Buffer.alloc(2))[0]).toBe(1012);
  });
});
