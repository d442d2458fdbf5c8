import { once } from 'node:events';
import http, { type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { drivePaced } from '../../../bench/load/drive-paced.ts';
import type { LoadResult } from '../../../bench/load/load-job.ts';
import { freePorts } from '../../support/free-ports.ts';

const requestsPerSecond = 400;
const leadInSeconds = 0.5;
const durationSeconds = 0.5;

async function drive(answer: RequestListener, connections = 4): Promise<LoadResult> {
  const server = http.createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // bound to a port above
  try {
    return await drivePaced({
      ...{ port, path: '/x', isSecure: false, protocol: 'paced', cookies: ['a=1', 'a=2'] },
      ...{ connections, durationSeconds, requestsPerSecond },
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('a load at a fixed rate', () => {
  it('asks what is due, with each cookie in turn, and reads answers that come in parts', async () => {
    const cookies = new Map<string, number>();
    const { errors, statuses } = await drive((request, response) => {
      const cookie = request.headers.cookie ?? '';
      cookies.set(cookie, (cookies.get(cookie) ?? 0) + 1);
      response.writeHead(cookie === 'a=1' ? 200 : 401, { 'content-length': 10 });
      response.write('first');
      setImmediate(() => response.end(' last'));
    });
    const each = (requestsPerSecond * (leadInSeconds + durationSeconds)) / 2;
    expect(statuses).toEqual({ 200: each, 401: each });
    expect([...cookies.values()]).toEqual([each, each]);
    expect(errors).toBe(0);
  });

  it('counts how late an answer is from when its request was due, not from when it was sent', async () => {
    // One connection, each answer 5 ms, half of the rate: whoever is due in the middle has waited for half a second.
    const { p50Ms } = await drive((_request, response) => {
      setTimeout(() => response.end('x'), 5);
    }, 1);
    expect(p50Ms).toBeGreaterThan(200);
  });

  it('fails where a connection ends', async () => {
    await expect(drive((request) => request.socket.destroy())).rejects.toThrow(/closed|ECONNRESET/);
  });

  it('fails once where nobody listens', async () => {
    const job = { path: '/x', isSecure: false, cookies: ['a=1'], connections: 4, durationSeconds };
    const [port] = await freePorts(1);
    await expect(
      drivePaced({ ...job, protocol: 'paced', port: port ?? 0, requestsPerSecond }),
    ).rejects.toThrow('ECONNREFUSED');
  });
});
