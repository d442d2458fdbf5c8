import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Gateway } from '../../support/gateway.ts';
import { RawClient } from '../../support/raw-client.ts';
import { RecordingUpstream } from '../../support/recording-upstream.ts';
import { request } from '../../support/request.ts';
import { bothAnswers, useScene } from '../../support/scene.ts';

describe('an upstream that answers before the body has come', () => {
  it('has its answer brought to a client that is still sending', async () => {
    await using upstream = await RecordingUpstream.start({
      answersAt: 'head',
      answer: ({ connection }) => {
        connection.write('HTTP/1.1 413 No\r\nContent-Length: 8\r\n\r\ntoo much');
      },
    });
    await using gateway = await Gateway.planned({ upstreamPorts: [upstream.port] });
    await using client = await RawClient.connect(gateway.edge);
    client.write(request('POST', '/public/x', ['Content-Length: 100000000']));
    await client.writePieces([Buffer.alloc(100_000), Buffer.alloc(100_000)]);
    const response = await client.response();
    expect(response.status).toBe(413);
    expect(response.text()).toBe('too much');
    expect(await client.closed()).toBe('end');
    await upstream.allClosed();
  });

  it('may send a long answer while the body still comes', async () => {
    await using upstream = await RecordingUpstream.start({
      answersAt: 'head',
      answer: ({ connection }) => {
        connection.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nearly\r\n');
        connection.socket.on('data', () => {
          if (connection.text().endsWith('last')) connection.write('4\r\nlate\r\n0\r\n\r\n');
        });
      },
    });
    await using gateway = await Gateway.planned({ upstreamPorts: [upstream.port] });
    await using client = await RawClient.connect(gateway.edge);
    client.write(request('POST', '/public/x', ['Content-Length: 9'], 'first'));
    await upstream.requestBytes('first');
    client.write('last');
    const response = await client.response();
    expect(response.text()).toBe('earlylate');
  });
});

describe.each(bothAnswers)('a refusal before the body is read, under %s', (answers) => {
  const scene = useScene({
    answers,
    edge: { limits: { bodyBytesMax: 1000 }, timeouts: { linger: '2s' } },
  });
  const status = answers === 'modern' ? 401 : 403;
  const megabytes = Buffer.alloc(3_000_000, 'x');

  it.each([
    ['with a length', [`Content-Length: 900`], Buffer.alloc(900, 'x')],
    ['that has not come at all', ['Content-Length: 900'], Buffer.alloc(0)],
    ['that has come in part', ['Content-Length: 900'], Buffer.alloc(450, 'x')],
    ['in chunks', ['Transfer-Encoding: chunked'], Buffer.from('5\r\nhello\r\n')],
  ])('can be read by a client with a body %s', async (_kind, lines, body) => {
    await using client = await scene.connect();
    client.write(Buffer.concat([Buffer.from(request('POST', '/nobody', lines)), body]));
    expect((await client.response()).status).toBe(status);
    expect(scene.forwarded()).toEqual([]);
  });

  it('closes the connection, for what may follow is still body', async () => {
    await using client = await scene.connect();
    client.write(request('POST', '/nobody', ['Content-Length: 900'], 'part'));
    const response = await client.response();
    expect(response.status).toBe(status);
    expect(response.value('connection')).toBe('close');
    client.write(request('GET', '/public/smuggled'));
    expect(await client.closed()).toBe('end');
    expect(scene.forwarded()).toEqual([]);
  });

  it('can be read by a client that sends megabytes before it looks', async () => {
    await using client = await scene.connect();
    client.socket.pause();
    client.write(request('POST', '/public/x', [`Content-Length: ${String(megabytes.length)}`]));
    await client.writePieces([megabytes.subarray(0, 1_000_000), megabytes.subarray(1_000_000)]);
    client.socket.resume();
    expect((await client.response()).status).toBe(413);
    for (let round = 0; round < 5; round++) {
      client.write(Buffer.alloc(10_000));
      await pause(50);
    }
    expect(client.wasReset).toBe(false);
    expect(client.left).toBe('end');
    expect(scene.forwarded()).toEqual([]);
  });

  it('keeps the connection when the request was read to its end', async () => {
    await using client = await scene.connect();
    client.write(request('GET', '/nobody') + request('GET', '/public/x'));
    const statuses = (await client.responses(2)).map((response) => response.status);
    expect(statuses).toEqual([status, 200]);
  });

  it('does not read on for ever', async () => {
    await using client = await scene.connect();
    client.write(request('POST', '/public/x', ['Content-Length: 100000000']));
    expect((await client.response()).status).toBe(413);
    const began = performance.now();
    const timer = setInterval(() => client.write('more'), 50);
    client.socket.on('error', () => {});
    while (!client.socket.destroyed && performance.now() - began < 8_000) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    clearInterval(timer);
    expect(performance.now() - began).toBeLessThan(7_000);
  });
});

describe('the head of an upload', () => {
  it.each(['', '5', '5\r\n', '5;a=b\r\n', '5\r\nab'])(
    'is with an upstream that is ready as soon as it has come, where %j of its body is there',
    async (tail) => {
      // It answers heads, whatever becomes of their bodies.
      const server = createServer({ noDelay: true }, (socket) => {
        socket
          .on('error', () => {})
          .on('data', (bytes) => {
            const isUpload = bytes.toString('latin1').startsWith('POST ');
            socket.write(`HTTP/1.1 ${isUpload ? '422 No' : '200 OK'}\r\nContent-Length: 0\r\n\r\n`);
          });
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const { port } = server.address() as AddressInfo; // it is bound to a port
      {
        await using gateway = await Gateway.planned({ upstreamPorts: [port] });
        await using warm = await RawClient.connect(gateway.edge);
        expect((await warm.write(request('GET', '/public/warm')).response()).status).toBe(200);
        await using client = await RawClient.connect(gateway.edge);
        const head = Buffer.from(request('POST', '/public/x', ['Transfer-Encoding: chunked']));
        client.write(Buffer.concat([head, Buffer.from(tail)]));
        expect((await client.response()).status).toBe(422);
      }
      server.close();
      await once(server, 'close');
    },
  );
});
