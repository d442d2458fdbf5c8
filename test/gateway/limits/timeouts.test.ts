import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Gateway } from '../../support/gateway.ts';
import { ask, RawClient } from '../../support/raw-client.ts';
import { never, ok, RecordingUpstream, respond, slowly } from '../../support/recording-upstream.ts';
import { request } from '../../support/request.ts';
import { bothAnswers, useScene } from '../../support/scene.ts';
import { waitFor, waitForRest } from '../../support/wait-for.ts';

describe.each(bothAnswers)('an upstream that is slow, under %s', (answers) => {
  const scene = useScene({
    answers,
    upstream: { firstByteTimeout: '900ms', idleTimeout: '900ms', keepAlive: '400ms' },
  });

  it('to answer is 504, and its connection goes', async () => {
    scene.upstream.answer = never();
    const { response } = await scene.send(
      request('POST', '/public/x', ['Content-Length: 2'], 'hi'),
    );
    expect(response.status).toBe(504);
    await scene.upstream.allClosed();
  });

  it('to end its head is 504 or 502', async () => {
    scene.upstream.answer = slowly('HTTP/1.1 200 OK\r\n', 3_000, 'Content-Length: 2\r\n\r\nok');
    const { response } = await scene.send(request('POST', '/public/x', ['Content-Length: 0']));
    expect([502, 504]).toContain(response.status);
    await scene.upstream.allClosed();
  });

  it.each([
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
    ['no length', 'HTTP/1.1 200 OK\r\n\r\nhello'],
  ])('in the middle of a body with %s cuts the client off', async (_kind, bytes) => {
    scene.upstream.answer = slowly(bytes, 3_000, 'world');
    await using client = await scene.connect();
    client.write(request('GET', '/public/x'));
    await expect(client.response()).rejects.toThrow(/the connection ended/);
    await scene.upstream.allClosed();
  });

  it('to take a body is 504, and its connection goes', async () => {
    await using stuck = await RecordingUpstream.start({
      accept: ({ socket }) => {
        socket.pause();
      },
    });
    await using gateway = await Gateway.planned({
      answers,
      upstreamPorts: [stuck.port],
      upstream: { idleTimeout: '500ms' },
    });
    await using client = await RawClient.connect(gateway.edge);
    const size = 32 * 1024 * 1024;
    client.write(request('POST', '/public/x', [`Content-Length: ${String(size)}`]));
    client.write(Buffer.alloc(size));
    expect((await client.response()).status).toBe(504);
  });

  it('is left alone when its connection idles too long', async () => {
    scene.upstream.answer = ok();
    await scene.passes(request('GET', '/public/x'));
    await scene.upstream.allClosed();
    await scene.passes(request('GET', '/public/y'));
  });

  it('but in time all the same passes', async () => {
    scene.upstream.answer = async (turn) => {
      for (const piece of ['HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n', 'he', 'll', 'o!']) {
        turn.connection.write(piece);
        await new Promise((resolve) => setTimeout(resolve, 400));
      }
    };
    const { response } = await scene.send(request('GET', '/public/x'));
    expect(response.text()).toBe('hello!');
  });
});

describe('an upstream that is stuck in both directions', () => {
  it('is noticed, also after the client held up the answer', async () => {
    await using stuck = await RecordingUpstream.start({
      accept: ({ socket }) => {
        socket.pause();
      },
    });
    await using gateway = await Gateway.planned({
      upstreamPorts: [stuck.port],
      upstream: { idleTimeout: '2s' },
    });
    await using client = await RawClient.connect(gateway.edge);
    client.socket.pause();
    const size = 32 * 1024 * 1024;
    client.write(request('POST', '/public/x', [`Content-Length: ${String(size)}`]));
    client.write(Buffer.alloc(size - 1));
    await waitForRest('what the client still holds', () => client.socket.writableLength, 200);
    const [connection] = stuck.connections;
    connection?.write('HTTP/1.1 200 OK\r\nContent-Length: 99000000\r\n\r\n');
    connection?.write(Buffer.alloc(size));
    const held = (): number => connection?.socket.writableLength ?? 0;
    expect(await waitForRest('what the upstream still holds', held, 200)).toBeGreaterThan(0);
    // Now the client reads on, gets what there is, and nothing more comes from anywhere.
    client.socket.resume();
    await client.closed(8_000);
    const open = (): Promise<number> => gateway.metric('portcullis_upstream_connections_open');
    await waitFor('its connection to be gone', async () => (await open()) === 0);
  });
});

describe('an upstream that does not take connections', () => {
  it('is 504 after the connect timeout', async () => {
    await using silent = await silentServer();
    await using gateway = await Gateway.planned({
      upstreamPorts: [silent.port],
      upstream: { connectTimeout: '400ms' },
    });
    const began = performance.now();
    const response = await ask(gateway.edge, request('GET', '/public/x'));
    expect(response.status).toBe(504);
    expect(performance.now() - began).toBeGreaterThan(350);
  });
});

describe('a client that takes nothing of its answer', () => {
  const scene = useScene({ edge: { timeouts: { send: '1s' } } });

  it('is cut off, and so is its upstream', async () => {
    scene.upstream.answer = respond(200, [], Buffer.alloc(50_000_000));
    await using client = await scene.connect();
    client.socket.pause();
    client.write(request('GET', '/public/x'));
    await waitFor('the request', () => scene.forwarded().length === 1);
    await scene.upstream.allClosed();
    const active = async (): Promise<number> =>
      await scene.gateway.metric('portcullis_connections_active', 'listener="edge"');
    await waitFor('its connection to be gone', async () => (await active()) === 0);
  });
});

/** A server whose queue of connections is full and that never takes one: the kernel drops what else comes. */
async function silentServer(): Promise<AsyncDisposable & { port: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-silent-'));
  const script = join(folder, 'server.mjs');
  await writeFile(
    script,
    `import { createServer } from 'node:net';
     const server = createServer(() => {});
     server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => process.send(server.address().port));`,
  );
  const child = fork(script, { stdio: 'ignore' });
  const [port] = (await once(child, 'message')) as [number]; // what the script sends
  child.kill('SIGSTOP');
  const fillers: Socket[] = [];
  for (let count = 0; count < 8; count++) {
    const filler = connect(port, '127.0.0.1');
    filler.on('error', () => {});
    fillers.push(filler);
  }
  await waitFor(
    'the queue to fill',
    () => fillers.filter((filler) => !filler.connecting).length >= 2,
  );
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      for (const filler of fillers) filler.destroy();
      const closed = once(child, 'close');
      child.kill('SIGKILL');
      await closed;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
