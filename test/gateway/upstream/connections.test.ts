import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { setImmediate as turn } from 'node:timers/promises';
import { Gateway } from '../../support/gateway.ts';
import { RawClient } from '../../support/raw-client.ts';
import { raw, RecordingUpstream, type Answer } from '../../support/recording-upstream.ts';
import { request } from '../../support/request.ts';
import { useScene } from '../../support/scene.ts';
import { waitFor } from '../../support/wait-for.ts';

const keptOpen = (...lines: readonly string[]): Answer =>
  raw([...lines, 'Content-Length: 2', '', 'ok'].join('\r\n'));

describe('an upstream connection', () => {
  const scene = useScene();
  const opened = async (count: number): Promise<number> => {
    const before = scene.upstream.connections.length;
    for (let round = 0; round < count; round++) await scene.passes(request('GET', '/public/x'));
    return scene.upstream.connections.length - before;
  };

  it('is used again for the next request', async () => {
    await opened(1);
    expect(await opened(5)).toBe(0);
  });

  it.each([
    ['that says close', keptOpen('HTTP/1.1 200 OK', 'Connection: close')],
    ['that says Close among others', keptOpen('HTTP/1.1 200 OK', 'Connection: x, Close')],
    ['of HTTP/1.0', keptOpen('HTTP/1.0 200 OK')],
  ])('is closed by us after an answer %s, although it stays open', async (_kind, answer) => {
    scene.upstream.answer = answer;
    await opened(1);
    await scene.upstream.allClosed();
    expect(await opened(3)).toBe(3);
  });

  it('of HTTP/1.0 is used again where the upstream says so', async () => {
    scene.upstream.answer = keptOpen('HTTP/1.0 200 OK', 'Connection: keep-alive');
    await opened(1);
    expect(await opened(3)).toBe(0);
  });

  it('is shared by clients that come one after the other', async () => {
    await opened(1);
    await waitFor(
      'it to idle',
      async () => (await scene.gateway.metric('portcullis_upstream_connections_idle')) >= 1,
    );
    expect(await opened(3)).toBe(0);
  });
});

describe('an upstream connection that the server closes just before a request comes', () => {
  it('is not used for it, although nobody had time to look', async () => {
    await using upstream = await RecordingUpstream.start();
    await using gateway = await Gateway.planned({ upstreamPorts: [upstream.port] });
    const post = request('POST', '/public/x', ['Content-Length: 2'], 'hi');
    await using client = await RawClient.connect(gateway.edge);
    for (let round = 0; round < 20; round++) {
      expect((await client.write(post).response()).status).toBe(200);
      // The FIN and then the request lie in the kernel when the gateway looks again.
      process.kill(gateway.pid, 'SIGSTOP');
      const socket = upstream.connections.at(-1)?.socket;
      if (socket === undefined) throw new Error('no connection');
      socket.end();
      await once(socket, 'finish');
      await new Promise<void>((resolve) => {
        client.socket.write(post, () => resolve());
      });
      process.kill(gateway.pid, 'SIGCONT');
      expect((await client.response()).status).toBe(200);
    }
    expect(upstream.requests).toHaveLength(40);
  });
});

describe('an answer', () => {
  const scene = useScene();
  const answered = async (bytes: string) => {
    scene.upstream.answer = raw(bytes);
    return (await scene.send(request('GET', '/public/x'))).response;
  };

  it.each([
    ['with a length', 'HTTP/1.1 201 Made\r\nX-A: b\r\nContent-Length: 5\r\n\r\nhello'],
    [
      'in chunks',
      'HTTP/1.1 201 Made\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nT: u\r\n\r\n',
    ],
    [
      'after a 103',
      'HTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 Made\r\nX-A: b\r\nContent-Length: 5\r\n\r\nhello',
    ],
  ])('%s may come byte by byte', async (_kind, bytes) => {
    scene.upstream.answer = async ({ connection }) => {
      for (const letter of bytes) {
        connection.write(letter);
        await turn();
      }
    };
    const { response } = await scene.send(request('GET', '/public/x'));
    expect(response.startLine).toBe('HTTP/1.1 201 Made');
    expect(response.value('x-a')).toBe('b');
    expect(response.text()).toBe('hello');
  });

  it.each(['HTTP/1.1 200', 'HTTP/1.1 200 ', 'HTTP/1.1 200 Very \xe9 Fine'])(
    'may have any reason: %j',
    async (line) => {
      const response = await answered(`${line}\r\nContent-Length: 2\r\n\r\nok`);
      expect(response.status).toBe(200);
      expect(response.text()).toBe('ok');
    },
  );

  it('keeps octets over 0x7e in its fields', async () => {
    const response = await answered(
      'HTTP/1.1 200 OK\r\nX-A: caf\xc3\xa9 \xff\r\nContent-Length: 2\r\n\r\nok',
    );
    expect(response.value('x-a')).toBe('caf\xc3\xa9 \xff');
  });

  it.each([201, 206, 302, 404, 418, 451, 500, 503, 599])('of status %i passes', async (status) => {
    const response = await answered(
      `HTTP/1.1 ${String(status)} Any\r\nContent-Length: 2\r\n\r\nok`,
    );
    expect(response.startLine).toBe(`HTTP/1.1 ${String(status)} Any`);
    expect(response.text()).toBe('ok');
  });
});

describe('an upstream whose connections are not kept', () => {
  const scene = useScene({ upstream: { keepAlive: 0 } });

  it('gets one for each request', async () => {
    const before = scene.upstream.connections.length;
    for (let round = 0; round < 3; round++) await scene.passes(request('GET', '/public/x'));
    expect(scene.upstream.connections.length - before).toBe(3);
    await scene.upstream.allClosed();
  });
});

describe('an upstream of which one idle connection is kept', () => {
  const scene = useScene({ upstream: { idleConnectionsMax: 1 } });

  it('sees the others closed', async () => {
    const clients = await Promise.all([scene.connect(), scene.connect(), scene.connect()]);
    for (const client of clients) client.write(request('GET', '/public/x'));
    for (const client of clients) expect((await client.response()).status).toBe(200);
    await waitFor(
      'all but one to close',
      () => scene.upstream.connections.filter((connection) => connection.left === null).length <= 1,
    );
    for (const client of clients) client.reset();
  });
});
