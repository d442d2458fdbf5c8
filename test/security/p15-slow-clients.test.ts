import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { patientMs } from '../support/patience.ts';
import { RawClient } from '../support/raw-client.ts';
import { request } from '../support/request.ts';
import { bothAnswers, useScene, type Scene } from '../support/scene.ts';
import { waitFor } from '../support/wait-for.ts';

describe.each(bothAnswers)('P15: a slow client is not waited for, under %s', (answers) => {
  const scene = useScene({
    answers,
    edge: {
      timeouts: { head: '500ms', bodyIdle: '500ms', keepAlive: '500ms' },
      limits: { bodyBytesPerSecondMin: 4 },
    },
  });

  it('half a head is 408, closes, and opens no upstream connection', async () => {
    const before = scene.upstream.connections.length;
    await using client = await scene.connect();
    client.write('GET /public/x HTTP/1.1\r\nHost: a\r\n');
    const response = await client.response();
    expect(response.status).toBe(408);
    expect(response.value('connection')).toBe('close');
    expect(await client.closed()).toBe('end');
    expect(scene.upstream.connections).toHaveLength(before);
  });

  it('a head that drips is 408 all the same: the deadline is for the whole', async () => {
    await using client = await scene.connect();
    const began = performance.now();
    const drip = (async () => {
      for (const letter of `GET /public/x HTTP/1.1\r\nHost: a\r\nX: ${'slowly '.repeat(40)}`) {
        if (client.left !== null) break;
        client.write(letter);
        await pause(40);
      }
    })();
    expect((await client.response()).status).toBe(408);
    expect(performance.now() - began).toBeLessThan(patientMs(3_000));
    await drip;
  });

  it('half a head behind a whole request is 408 as well', async () => {
    await using client = await scene.connect();
    client.write(`${request('GET', '/public/x')}GET /public/y HTTP/1.1\r\nHo`);
    expect((await client.response()).status).toBe(200);
    expect((await client.response()).status).toBe(408);
    expect(await client.closed()).toBe('end');
    expect(scene.forwarded().map((received) => received.target)).toEqual(['/public/x']);
  });

  it('half a body is 408, closes, and ends the upstream connection', async () => {
    await using client = await scene.connect();
    client.write(request('POST', '/public/x', ['Content-Length: 100'], `part-${answers}`));
    await scene.upstream.requestBytes(`part-${answers}`);
    const response = await client.response();
    expect(response.status).toBe(408);
    expect(await client.closed()).toBe('end');
    await scene.upstream.allClosed();
    expect(scene.forwarded()).toEqual([]);
  });

  it('half a chunk is 408', async () => {
    await using client = await scene.connect();
    client.write(request('POST', '/public/x', ['Transfer-Encoding: chunked'], '8\r\nhalf'));
    expect((await client.response()).status).toBe(408);
    expect(await client.closed()).toBe('end');
    await scene.upstream.allClosed();
  });

  it('a body that keeps coming in time passes, however long it takes', async () => {
    await using client = await scene.connect();
    client.write(request('POST', '/public/x', ['Content-Length: 8']));
    for (const letter of 'patience') {
      client.write(letter);
      await pause(100);
    }
    expect((await client.response()).status).toBe(200);
    expect(scene.forwarded().map((received) => received.body.toString())).toEqual(['patience']);
  });

  it('a connection that says nothing is closed without an answer', async () => {
    await using client = await scene.connect();
    await client.closed();
    expect(client.pending.toString()).toMatch(/^(HTTP\/1\.1 408 .*)?$/s);
  });

  it('a connection that idles after an answer is closed without another', async () => {
    await using client = await scene.connect();
    expect((await client.write(request('GET', '/public/x')).response()).status).toBe(200);
    expect(await client.closed()).toBe('end');
    expect(client.pending.toString()).toBe('');
  });
});

describe('P15: a body that drips', () => {
  const scene = useScene({
    edge: { timeouts: { bodyIdle: '500ms' }, limits: { bodyBytesPerSecondMin: 1_000 } },
  });

  it('is 408 although no pause is too long, and frees the upstream', async () => {
    await using client = await scene.connect();
    client.write(request('POST', '/public/x', ['Content-Length: 10000']));
    const drip = (async () => {
      while (client.left === null) {
        client.write('x');
        await pause(50);
      }
    })();
    expect((await client.response()).status).toBe(408);
    await scene.upstream.allClosed();
    client.reset();
    await drip;
  });
});

describe('P15: one address has only so many connections', () => {
  const scene = useScene({ edge: { limits: { connectionsPerAddressMax: 3 } } });

  it('one more is closed, another address is served, and a place that is left is free again', async () => {
    await using stack = new AsyncDisposableStack();
    const three: RawClient[] = [];
    for (let count = 0; count < 3; count++) {
      const client = stack.use(await scene.connect());
      expect((await client.write(request('GET', '/public/x')).response()).status).toBe(200);
      three.push(client);
    }
    expect(await isServed(scene)).toBe(false);

    await using other = await RawClient.connect(scene.gateway.edge, { localAddress: '127.0.0.2' });
    expect((await other.write(request('GET', '/public/x')).response()).status).toBe(200);

    three[0]?.reset();
    await waitFor('the place to be free', () => isServed(scene));
  });
});

/** Over TLS who is one too many is closed before the handshake. */
async function isServed(scene: Scene): Promise<boolean> {
  try {
    await using client = await scene.connect();
    client.write(request('GET', '/public/x'));
    return (await client.response()).status === 200;
  } catch {
    return false;
  }
}
