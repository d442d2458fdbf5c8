import { createServer, request as ask, ServerResponse, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AdminServer } from '../../../src/admin/admin-server.ts';
import type { ConsolePort, ConsoleQuestion, Look } from '../../../src/admin/console-port.ts';
import { EventStreams } from '../../../src/admin/event-streams.ts';
import { Readiness } from '../../../src/admin/readiness.ts';
import { adminConfig } from '../../../src/config/admin.ts';
import { Lifecycle } from '../../../src/lifecycle/phase.ts';
import { waitFor } from '../../support/wait-for.ts';

const stack: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of stack.splice(0)) await one[Symbol.asyncDispose]();
});

/** A desk that keeps what it is asked, and shows what it is told to. */
class Desk implements ConsolePort {
  readonly asked: ConsoleQuestion[] = [];
  look_: Look = { kind: 'seen', seen: { a: '1' }, changed: { a: '<b>' } };

  async answer(question: ConsoleQuestion): ReturnType<ConsolePort['answer']> {
    this.asked.push(question);
    return { status: 200, fields: [['Content-Type', 'text/plain']], body: 'the console' };
  }

  async look(question: ConsoleQuestion): Promise<Look> {
    this.asked.push(question);
    return this.look_;
  }
}

async function start(desk: Desk, host = '127.0.0.1'): Promise<number> {
  const life = new Lifecycle();
  life.enter('ready');
  const server = new AdminServer({
    config: adminConfig({
      address: { host, port: 0 },
      hosts: ['console.example.org'],
      secure: false,
    }),
    readiness: new Readiness(life),
    upstreams: () => ({ upstreams: [] }),
    metrics: { text: async () => 'portcullis_up 1\n' },
    desk: { desk, createRequestId: () => 'the-request' },
  });
  await server.start();
  stack.push({ [Symbol.asyncDispose]: () => server.stop() });
  return server.port;
}

async function get(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
  body = '',
): Promise<IncomingMessage & { text: () => string }> {
  const sent = ask({ port, host: '127.0.0.1', path, method, headers, agent: false });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage]; // what the event has
  let said = '';
  response.setEncoding('utf8').on('data', (piece: string) => {
    said += piece;
  });
  response.on('error', () => {});
  if (response.headers['content-type']?.startsWith('text/event-stream') !== true) {
    await once(response, 'end');
  }
  return Object.assign(response, { text: () => said });
}

describe('the way to the console', () => {
  it('is there under configured names and own addresses, and under no other', async () => {
    const desk = new Desk();
    const port = await start(desk);
    for (const host of ['localhost', `127.0.0.1:${String(port)}`, 'console.example.org']) {
      expect((await get(port, '/console', { host })).statusCode).toBe(200);
    }
    const count = desk.asked.length;
    for (const path of ['/console', '/console/state.json', '/console/events', '/console/login']) {
      const answer = await get(port, path, { host: 'evil.example' });
      expect(answer.statusCode).toBe(421);
      expect(answer.text()).toContain('admin.hosts');
    }
    expect(desk.asked).toHaveLength(count);
  });

  it('leaves health and metrics to probes by any name, but not to a browser that was led there', async () => {
    const port = await start(new Desk());
    for (const path of ['/livez', '/readyz', '/metrics', '/upstreams']) {
      const host = 'gateway-1:9099';
      expect((await get(port, path, { host })).statusCode).toBe(200);
      const byNode = { 'accept-language': '*', 'sec-fetch-mode': 'cors' };
      expect((await get(port, path, { host, ...byNode })).statusCode).toBe(200);
      // A page can say so of its own accord, with `fetch`.
      expect((await get(port, path, { host, 'accept-language': '*' })).statusCode).toBe(421);
      const page = { ...byNode, 'sec-fetch-site': 'same-origin' };
      expect((await get(port, path, { host, ...page })).statusCode).toBe(421);
      expect((await get(port, path, { host, 'accept-language': 'de' })).statusCode).toBe(421);
      expect((await get(port, path, { host, origin: 'http://evil.example' })).statusCode).toBe(421);
      const own = { host: 'localhost', 'accept-language': 'de' };
      expect((await get(port, path, own)).statusCode).toBe(200);
    }
  });

  it('hands on what was asked, whole', async () => {
    const desk = new Desk();
    const port = await start(desk);
    const host = `LOCALHOST:${String(port)}`;
    await get(port, '/console/end?user=a', { host, cookie: 'x=1' }, 'POST', 'end=all');
    const { fields, body, ...asked } = desk.asked[0] ?? { fields: [], body: Buffer.alloc(0) };
    expect(asked).toEqual({
      ...{ method: 'POST', path: '/console/end', query: '?user=a', isSecure: false },
      host: `localhost:${String(port)}`,
      address: '127.0.0.1',
      requestId: 'the-request',
    });
    expect(fields).toContainEqual(['cookie', 'x=1']);
    expect(Buffer.from(body).toString()).toBe('end=all');
  });

  it('names an IPv4 client on a socket for both families as it is, and waits longer than a probe may', async () => {
    const waits = vi.spyOn(ServerResponse.prototype, 'setTimeout');
    const desk = new Desk();
    const port = await start(desk, '::');
    await get(port, '/console', { host: 'localhost' });
    expect(desk.asked.map(({ address }) => address)).toEqual(['127.0.0.1']);
    expect(waits).toHaveBeenCalledExactlyOnceWith(75_000);
    waits.mockRestore();
  });

  it('takes no long body and no other method, and answers HEAD without a body', async () => {
    const desk = new Desk();
    const port = await start(desk);
    const host = 'localhost';
    const long = 'x'.repeat(17 * 1_024);
    expect((await get(port, '/console/end', { host }, 'POST', long)).statusCode).toBe(413);
    expect((await get(port, '/console', { host }, 'DELETE')).statusCode).toBe(405);
    expect(desk.asked).toEqual([]);
    const head = await get(port, '/console', { host }, 'HEAD');
    expect([head.headers['content-length'], head.text()]).toEqual(['11', '']);
  });

  it('is not to be mistaken for what begins like it', async () => {
    const port = await start(new Desk());
    expect((await get(port, '/consoles', { host: 'localhost' })).statusCode).toBe(404);
    expect((await get(port, '/', { host: 'localhost' })).text()).toContain('/console');
  });
});

it('lets programs that use the fetch of Node look at health and metrics by any name', async () => {
  const port = await start(new Desk());
  const seen = await new Promise<IncomingMessage['headers']>((resolve) => {
    const server = createServer((request, response) => {
      resolve(request.headers);
      response.end();
    }).listen(0, '127.0.0.1', () => {
      const address = server.address();
      const own = typeof address === 'object' && address !== null ? address.port : 0;
      void fetch(`http://127.0.0.1:${String(own)}/`).then(() => server.close());
    });
  });
  const said = Object.fromEntries(
    Object.entries(seen).flatMap(([name, value]) =>
      typeof value === 'string' && name !== 'connection' ? [[name, value]] : [],
    ),
  );
  const answer = await get(port, '/metrics', { ...said, host: 'gateway-1:9099' });
  expect(answer.statusCode).toBe(200);
});

describe('a stream of events', () => {
  it('says what has changed, that nobody can say, and that it goes on', async () => {
    const desk = new Desk();
    const port = await start(desk);
    const stream = await get(port, '/console/events', { host: 'localhost' });
    expect(stream.headers['cache-control']).toBe('no-store');
    await waitFor('what is seen', () =>
      stream.text().includes('event: seen\ndata: {"a":"<b>"}\n\n'),
    );
    desk.look_ = { kind: 'unavailable' };
    await waitFor('the outage', () => stream.text().includes('event: outage'));
    desk.look_ = { kind: 'seen', seen: { a: '1' }, changed: {} };
    await waitFor('its end', () => stream.text().endsWith('event: seen\ndata: {}\n\n'));
    stream.destroy();
  });

  it('ends when whoever looks may not any more, and never begins for who may not', async () => {
    const desk = new Desk();
    const port = await start(desk);
    const stream = await get(port, '/console/events', { host: 'localhost' });
    const ended = once(stream, 'end');
    desk.look_ = { kind: 'refused', reply: { status: 401, fields: [], body: 'no' } };
    await ended;
    expect(stream.text()).toMatch(/event: ended\ndata: \{\}\n\n$/);
    const next = await get(port, '/console/events', { host: 'localhost' });
    expect([next.statusCode, next.text()]).toEqual([401, 'no']);
  });

  it('is one of a few, and its place is free when the client is gone', async () => {
    const desk = new Desk();
    const streams = new EventStreams({ desk, everyMs: 5, streamsMax: 1 });
    const server = new AdminServer({
      config: adminConfig({ address: { host: '127.0.0.1', port: 0 }, hosts: [], secure: false }),
      readiness: { report: () => ({ isReady: true, checks: {} }) },
      upstreams: () => ({ upstreams: [] }),
      metrics: { text: async () => '' },
      desk: { desk, createRequestId: () => 'the-request', streams },
    });
    await server.start();
    stack.push({ [Symbol.asyncDispose]: () => server.stop() });
    const first = await get(server.port, '/console/events', { host: 'localhost' });
    expect(streams.active).toBe(1);
    const second = await get(server.port, '/console/events', { host: 'localhost' });
    expect([second.statusCode, second.headers['retry-after']]).toEqual([503, '5']);
    first.destroy();
    await waitFor('its place', () => streams.active === 0);
    const third = await get(server.port, '/console/events', { host: 'localhost' });
    expect(third.statusCode).toBe(200);
    third.destroy();
  });
});
