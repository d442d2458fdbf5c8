import { createServer, type RequestListener } from 'node:http';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { HealthConfig } from '../../../src/config/health.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { HealthCheck, type ProbeFinding } from '../../../src/upstream/health-check.ts';
import { HttpProbe } from '../../../src/upstream/http-probe.ts';
import { freePorts } from '../../support/free-ports.ts';

const config: HealthConfig = {
  path: '/healthz',
  host: null,
  intervalMs: 60_000,
  timeoutMs: 500,
  rise: 2,
  fall: 3,
  statusMin: 200,
  statusMax: 299,
};

/** Runs a check over findings (`+` good, `-` bad) and gives what it came to at each step. */
async function course(findings: string): Promise<string> {
  let at = 0;
  let said = '';
  const probe = {
    ask: (): Promise<ProbeFinding> =>
      Promise.resolve({ isGood: findings[at++] === '+', reason: 'said' }),
    close: () => {},
  };
  const server = { checked: (isHealthy: boolean) => (said += isHealthy ? 'U' : 'D') };
  const check = new HealthCheck(server, probe, config, systemClock);
  let steps = '';
  for (const _ of findings) {
    said = '.';
    await check.run();
    steps += said.slice(-1);
  }
  check.stop();
  return steps;
}

describe('health checks', () => {
  it.each([
    ['three bad findings in a row take a server out', '+---', '...D'],
    ['one good one between them begins the count anew', '--+--+', '......'],
    ['two good ones in a row bring it back', '---++', '..D.U'],
    ['one bad one between those begins that count anew', '---+-++', '..D...U'],
    ['what goes on is said once', '-----+++', '..D...U.'],
  ])('%s', async (_claim, findings, expected) => {
    expect(await course(findings)).toBe(expected);
  });
});

async function serving(listener: RequestListener, at: number | string = 0) {
  const server = createServer(listener);
  if (typeof at === 'string') server.listen(at);
  else server.listen(at, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}

async function finding(port: number, socketPath: string | null = null): Promise<ProbeFinding> {
  const probe = new HttpProbe(config, {
    host: '127.0.0.1',
    port,
    socketPath,
    tls: null,
    authority: 'app',
  });
  const found = await probe.ask();
  probe.close();
  return found;
}

describe('a probe', () => {
  it('asks for the path, by the name of the upstream, on a connection of its own', async () => {
    const heads: string[] = [];
    await using server = await serving((request, response) => {
      heads.push(
        `${request.method} ${request.url} ${request.headers.host} ${request.headers.connection}`,
      );
      response.end('fine');
    });
    expect(await finding(server.port)).toEqual({ isGood: true, reason: 'status 200' });
    expect(heads).toEqual(['GET /healthz app close']);
  });

  it('finds other statuses bad', async () => {
    await using server = await serving((_request, response) => {
      response.writeHead(302).end();
    });
    expect(await finding(server.port)).toEqual({ isGood: false, reason: 'status 302' });
  });

  it('finds bad who does not answer in time, also in the middle of a body', async () => {
    await using silent = await serving(() => {});
    expect((await finding(silent.port)).isGood).toBe(false);
    await using slow = await serving((_request, response) => {
      response.write('the beginning');
    });
    expect((await finding(slow.port)).isGood).toBe(false);
  });

  it('finds bad who refuses, resets, and is not HTTP', async () => {
    const [closed = 0] = await freePorts(1);
    expect(await finding(closed)).toEqual({ isGood: false, reason: 'ECONNREFUSED' });
    await using resetting = await serving((request) => request.socket.resetAndDestroy());
    expect((await finding(resetting.port)).isGood).toBe(false);
    await using odd = await serving((request) => request.socket.end('hello\r\n\r\n'));
    expect((await finding(odd.port)).isGood).toBe(false);
  });

  it('asks at a Unix socket', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'portcullis-probe-'));
    const path = join(folder, 'app.sock');
    {
      await using _server = await serving((_request, response) => response.end('fine'), path);
      expect((await finding(0, path)).isGood).toBe(true);
    }
    await rm(folder, { recursive: true });
  });
});
