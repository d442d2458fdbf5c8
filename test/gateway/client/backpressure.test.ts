import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Gateway } from '../../support/gateway.ts';
import { RawClient } from '../../support/raw-client.ts';
import { RecordingUpstream, respond } from '../../support/recording-upstream.ts';
import { request } from '../../support/request.ts';
import { waitFor, waitForRest } from '../../support/wait-for.ts';

const size = 64 * 1024 * 1024;

/** The resident memory of a process, in bytes. */
async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

describe('a body that one side sends faster than the other takes it', () => {
  it('stays with the upstream while the client does not read', async () => {
    const body = Buffer.alloc(size, 'x');
    await using upstream = await RecordingUpstream.start({ answer: respond(200, [], body) });
    await using gateway = await Gateway.planned({ upstreamPorts: [upstream.port] });
    const before = await residentBytes(gateway.pid);
    await using client = await RawClient.connect(gateway.edge);
    client.socket.pause();
    client.write(request('GET', '/public/x'));
    await upstream.requestCount(1);
    const [connection] = upstream.connections;
    const held = await waitForRest(
      'what the upstream still holds',
      () => connection?.socket.writableLength ?? 0,
    );
    expect(held).toBeGreaterThan(size / 2);
    expect((await residentBytes(gateway.pid)) - before).toBeLessThan(32 * 1024 * 1024);
    client.socket.resume();
    const response = await client.response('GET', 20_000);
    expect(response.body).toHaveLength(size);
  });

  it('stays with the client while the upstream does not read', async () => {
    await using upstream = await RecordingUpstream.start({
      accept: ({ socket }) => {
        socket.pause();
      },
    });
    await using gateway = await Gateway.planned({ upstreamPorts: [upstream.port] });
    const before = await residentBytes(gateway.pid);
    await using client = await RawClient.connect(gateway.edge);
    client.write(request('POST', '/public/x', [`Content-Length: ${String(size)}`]));
    client.write(Buffer.alloc(size, 'x'));
    await waitFor('a connection upstream', () => upstream.connections.length > 0);
    const held = await waitForRest(
      'what the client still holds',
      () => client.socket.writableLength,
    );
    expect(held).toBeGreaterThan(size / 2);
    expect((await residentBytes(gateway.pid)) - before).toBeLessThan(32 * 1024 * 1024);
  });

  it('holds no upstream for a client that goes on sending and takes nothing of the answer', async () => {
    await using upstream = await RecordingUpstream.start({
      answersAt: 'head',
      answer: ({ connection }) => {
        connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${String(size)}\r\n\r\n`);
        connection.write(Buffer.alloc(size, 'x'));
      },
    });
    await using gateway = await Gateway.planned({
      upstreamPorts: [upstream.port],
      edge: { timeouts: { send: '1s' } },
    });
    await using client = await RawClient.connect(gateway.edge);
    client.socket.pause();
    client.write(request('POST', '/public/x', ['Transfer-Encoding: chunked']));
    const sending = setInterval(() => client.write('7\r\nmore of\r\n'), 250);
    await upstream.requestBytes('more of');
    await upstream.allClosed();
    clearInterval(sending);
  });
});
