import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { request } from '../../support/request.ts';
import { useScene } from '../../support/scene.ts';
import { waitFor } from '../../support/wait-for.ts';

describe('server-sent events', () => {
  const scene = useScene({}, { answersAt: 'head' });
  const events = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n';

  it.each([
    ['ended by the connection', '', (text: string) => text],
    [
      'in chunks',
      'Transfer-Encoding: chunked\r\n',
      (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`,
    ],
  ])('pass one by one as they come, %s', async (_kind, line, framed) => {
    scene.upstream.answer = ({ connection }) => connection.write(`${events}${line}\r\n`);
    await using client = await scene.connect();
    client.write(request('GET', '/events', [`Cookie: ${scene.cookie}`]));
    await waitFor('the head', () => client.pending.includes('\r\n\r\n'));
    const connection = scene.upstream.connections.at(-1);
    for (let id = 1; id <= 5; id++) {
      const event = `id: ${String(id)}\ndata: x\n\n`;
      connection?.write(framed(event));
      await waitFor(`event ${String(id)}`, () => client.pending.includes(event));
    }
    client.reset();
    await waitFor(
      'the upstream to be freed',
      () => connection?.isClosed === true || connection?.left !== null,
      1_000,
    );
  });
});

describe('silent events', () => {
  const scene = useScene({}, { answersAt: 'head' });

  it('are over for a client that closes its side', async () => {
    scene.upstream.answer = ({ connection }) => {
      connection.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n');
    };
    await using client = await scene.connect();
    client.write(request('GET', '/events', [`Cookie: ${scene.cookie}`]));
    await waitFor('the head', () => client.pending.includes('\r\n\r\n'));
    client.end();
    await scene.upstream.allClosed(1_000);
    const line = await scene.gateway.accessLine('it', (one) => one['path'] === '/events');
    expect(line['outcome']).toBe('client-abort');
  });
});

describe('an answer in whose middle client and upstream leave at the same time', () => {
  const scene = useScene({}, { answersAt: 'head' });

  it('is logged as what the client got of it', async () => {
    scene.upstream.answer = ({ connection }) => {
      const head = 'HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n';
      connection.write(`${head}1\r\nx\r\n`);
    };
    const { process } = scene.gateway;
    for (let round = 0; round < 10; round++) {
      const path = `/public/${String(round)}`;
      await using client = await scene.connect();
      client.write(request('GET', path));
      await waitFor('the first chunk', () => client.pending.includes('1\r\nx\r\n'));
      // It stands still, and then hears of both in one turn.
      process.signal('SIGSTOP');
      client.end();
      // Its FIN goes out a turn later, and shall be the first to be heard of.
      for (let turn = 0; turn < 3; turn++) await setImmediate();
      scene.upstream.connections.at(-1)?.write('0\r\n\r\n');
      process.signal('SIGCONT');
      await client.closed();
      const line = await scene.gateway.accessLine('it', (one) => one['path'] === path);
      const isWhole = client.pending.toString().endsWith('0\r\n\r\n');
      expect(line['outcome']).toBe(isWhole ? 'ok' : 'client-abort');
    }
  });
});

describe('a long download', () => {
  const scene = useScene({}, { answersAt: 'head' });

  it('passes as it comes, and a client that leaves frees the upstream at once', async () => {
    const piece = Buffer.alloc(65_536, 'd');
    scene.upstream.answer = ({ connection }) => {
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n');
      const pump = (): void => {
        while (connection.socket.write(piece));
        connection.socket.once('drain', pump);
      };
      pump();
    };
    await using client = await scene.connect();
    client.write(request('GET', '/download', [`Cookie: ${scene.cookie}`]));
    await waitFor('the first 4 MiB', () => client.pending.length > 4 * 1024 * 1024, 20_000);
    const connection = scene.upstream.connections.at(-1);
    client.reset();
    await waitFor(
      'the upstream to be freed',
      () => connection?.isClosed === true || connection?.left !== null,
      1_000,
    );
    const line = await scene.gateway.accessLine('it', (one) => one['path'] === '/download');
    expect(line['outcome']).toBe('client-abort');
  });
});
