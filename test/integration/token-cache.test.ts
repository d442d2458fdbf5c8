import { createServer, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { mintToken } from '../../demo/multinode/tiers.ts';
import { Gateway } from '../support/gateway.ts';
import type { RouteYaml } from '../support/gateway-yaml.ts';
import { askAt, type AskOptions } from '../support/multinode.ts';
import { patientMs } from '../support/patience.ts';
import { nodeYaml } from '../support/redis-nodes.ts';
import { ok, RecordingUpstream } from '../support/recording-upstream.ts';
import { RedisServer } from '../support/redis-server.ts';
import { waitFor } from '../support/wait-for.ts';

const deadlineMs = 5_000;
const apiPath = '/zones/9/http/keyvals/tokens';

/** The service that makes tokens; what it says to a key is up to the test. */
class TokenMaker implements AsyncDisposable {
  readonly keys: string[] = [];
  answer: (key: string, response: ServerResponse) => void = usual;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<TokenMaker> {
    const server = createServer((request, response) => {
      const key = String(request.headers['x-token-key']);
      maker.keys.push(key);
      maker.answer(key, response);
    });
    const maker = new TokenMaker(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return maker;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port; // it listens on TCP
  }

  callsFor(user: string): number {
    return this.keys.filter((key) => key.startsWith(`${user}:`)).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

const usual = (_: string, response: ServerResponse): void => {
  response.end(mintToken());
};

let redis: RedisServer;
let upstream: RecordingUpstream;
let maker: TokenMaker;
const nodes: Gateway[] = [];
let users = 0;

const route: RouteYaml = { path: '/t/', auth: 'token-cache', tokenCache: 'main', upstream: 'app' };

function yamlOf(more: Record<string, unknown> = {}, zone: Record<string, unknown> = {}) {
  return nodeYaml(redis, upstream.port, {
    // A machine that is busy with other tests is no fault.
    coherence: { staleness: '4s', pollInterval: '200ms', settle: '200ms' },
    plan: {
      routes: [
        { path: '/zones/', endpoint: 'keyval', keyval: { write: true }, auth: 'none' },
        route,
      ],
      sections: {
        zones: { tokens: { timeout: '120s', ...zone } },
        tokenCaches: {
          main: {
            zone: 'tokens',
            key: ['header:Remote-User', 'address'],
            deadline: `${String(deadlineMs)}ms`,
            waitersMax: 2_000,
            service: { url: `http://127.0.0.1:${String(maker.port)}/`, timeout: '3s' },
            ...more,
          },
        },
      },
    },
  });
}

beforeAll(async () => {
  redis = await RedisServer.start();
  upstream = await RecordingUpstream.start({ answer: ok() });
  maker = await TokenMaker.start();
  nodes.push(await Gateway.start(yamlOf()), await Gateway.start(yamlOf()));
}, patientMs(60_000));

afterAll(async () => {
  for (const node of nodes) await node.stop();
  for (const one of [maker, upstream, redis]) await one[Symbol.asyncDispose]();
});

afterEach(() => {
  maker.answer = usual;
});

const edge = (index: number): number => nodes[index]?.edge ?? 0;

function newUser(): string {
  users += 1;
  return `someone-${String(users)}`;
}

async function statusAt(port: number, user: string, options: AskOptions = {}): Promise<number> {
  return (await askAt(port, { path: '/t/x', user, ...options })).status;
}

async function crowd(count: number, user: string, ports: readonly number[]): Promise<number[]> {
  return await Promise.all(
    Array.from({ length: count }, (_, index) => statusAt(ports[index % ports.length] ?? 0, user)),
  );
}

function write(port: number, method: string, body: unknown): Promise<{ readonly status: number }> {
  const text = body === null ? '' : JSON.stringify(body);
  return askAt(port, { method, path: apiPath, body: text });
}

describe('the first requests of a key', () => {
  it('cause one call, however many there are on both nodes', async () => {
    const user = newUser();
    maker.answer = (_, response) => setTimeout(() => response.end(mintToken()), 300);
    const statuses = await crowd(1_000, user, [edge(0), edge(1)]);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    expect(maker.callsFor(user)).toBe(1);
  });

  it('get what was put there by hand meanwhile, and never what was asked for before that', async () => {
    const user = newUser();
    const key = `${user}:127.0.0.1`;
    const asked = Promise.withResolvers<ServerResponse>();
    maker.answer = (_, response) => asked.resolve(response);
    const waiting = crowd(20, user, [edge(0), edge(1)]);
    const response = await asked.promise;
    expect((await write(edge(1), 'POST', { [key]: '0' })).status).toBe(201);
    response.end(mintToken());
    expect(new Set(await waiting)).toEqual(new Set([403]));
    expect(maker.callsFor(user)).toBe(1);
  });

  it('ask again when everything was deleted while the service was thinking', async () => {
    const user = newUser();
    const asked = Promise.withResolvers<ServerResponse>();
    maker.answer = (_, response) => asked.resolve(response);
    const waiting = statusAt(edge(0), user);
    const first = await asked.promise;
    maker.answer = usual;
    expect((await write(edge(1), 'DELETE', null)).status).toBe(204);
    const old = mintToken();
    first.end(old);
    expect(await waiting).toBe(200);
    expect(maker.callsFor(user)).toBe(2);
    expect(upstream.requests.at(-1)?.values('x-authkey')).not.toEqual([old]);
  });
});

describe('a token service that is out of order', () => {
  const faults: readonly (readonly [string, (response: ServerResponse) => void, number])[] = [
    ['never answers', () => {}, 503],
    ['breaks off', (response) => response.write('ey'), 503],
    ['resets the connection', (response) => response.destroy(), 503],
    ['says 500', (response) => response.writeHead(500).end(mintToken()), 500],
    ['answers with an error page', (response) => response.end('<h1>Sorry, come back</h1>'), 500],
    ['answers with a word', (response) => response.end('Unavailable'), 500],
    ['answers with nothing', (response) => response.end(), 500],
    ['answers with an expired token', (response) => response.end(mintToken(-1)), 500],
    ['answers without an end', (response) => response.end(`ey${'x'.repeat(100_000)}`), 500],
  ];

  it('gets nothing kept, makes nobody wait beyond the deadline, and known keys are served on', async () => {
    const known = newUser();
    expect(await statusAt(edge(0), known)).toBe(200);
    const victims = new Map(faults.map(([name]) => [name, newUser()]));
    maker.answer = (key, response) => {
      const fault = faults.find(([name]) => key.startsWith(`${victims.get(name) ?? ''}:`));
      if (fault === undefined) usual(key, response);
      else fault[1](response);
    };
    const startMs = performance.now();
    const waiting = faults.map(async ([name, , expected]) => {
      const statuses = await crowd(10, victims.get(name) ?? '', [edge(0), edge(1)]);
      return [name, [...new Set(statuses)], expected] as const;
    });
    expect(await statusAt(edge(0), known)).toBe(200);
    expect(await statusAt(edge(1), known)).toBe(200);
    const told = await Promise.all(waiting);
    expect(performance.now() - startMs).toBeLessThan(patientMs(2 * deadlineMs));
    expect(told.map(([name, statuses]) => [name, statuses])).toEqual(
      told.map(([name, , expected]) => [name, [expected]]),
    );
    maker.answer = usual;
    const kept = Object.keys(
      JSON.parse((await askAt(edge(0), { path: apiPath })).text()) as object,
    );
    expect(
      kept.filter((key) => [...victims.values()].some((user) => key.startsWith(`${user}:`))),
    ).toEqual([]);
    for (const user of victims.values()) {
      // Those who wait for a call of before learn what that came to.
      await waitFor('a token', async () => (await statusAt(edge(1), user)) === 200);
    }
    expect(maker.callsFor(known)).toBe(1);
  });

  it('is asked ahead of the end of a token, and the old one is used while it fails', async () => {
    await using node = await Gateway.start(yamlOf({ refreshAhead: '1h' }, { timeout: '4s' }));
    const user = newUser();
    expect(await statusAt(node.edge, user)).toBe(200);
    const [before] = upstream.requests.at(-1)?.values('x-authkey') ?? [];
    maker.answer = (_, response) => response.writeHead(500).end();
    await waitFor('a refresh', async () => {
      expect(await statusAt(node.edge, user)).toBe(200);
      return maker.callsFor(user) > 1;
    });
    expect(upstream.requests.at(-1)?.values('x-authkey')).toEqual([before]);
    maker.answer = usual;
    await waitFor('a fresh token', async () => {
      expect(await statusAt(node.edge, user)).toBe(200);
      return upstream.requests.at(-1)?.values('x-authkey')[0] !== before;
    });
  });

  it('makes no more requests wait than may, and those that may not wait are told at once', async () => {
    await using node = await Gateway.start(yamlOf({ waitersMax: 5 }));
    const user = newUser();
    maker.answer = () => {};
    const statuses = await crowd(20, user, [node.edge]);
    expect(statuses.filter((status) => status !== 503)).toEqual([]);
    expect(maker.callsFor(user)).toBe(1);
  });
});

describe('a full zone', () => {
  it('lets requests through with tokens that are not kept', async () => {
    await using node = await Gateway.start(yamlOf({}, { entriesMax: 1 }));
    await write(edge(0), 'DELETE', null);
    const [first, second] = [newUser(), newUser()];
    expect(await statusAt(node.edge, first)).toBe(200);
    expect(await statusAt(node.edge, second)).toBe(200);
    expect(await statusAt(node.edge, second)).toBe(200);
    expect(maker.callsFor(second)).toBe(2);
    expect(await statusAt(node.edge, first)).toBe(200);
    expect(maker.callsFor(first)).toBe(1);
  });
});

describe('a change by hand, under load', () => {
  it('blocks on the other node before it is answered, and so does a deletion', async () => {
    const noise = Array.from({ length: 20 }, newUser);
    for (const user of noise) await statusAt(edge(0), user);
    let isOver = false;
    const load = noise.map(async (user, index) => {
      while (!isOver) await statusAt(edge(index % 2), user);
    });
    const user = newUser();
    const key = `${user}:127.0.0.1`;
    try {
      for (let round = 0; round < 15; round += 1) {
        expect(await statusAt(edge(0), user)).toBe(200);
        expect(await statusAt(edge(1), user)).toBe(200);
        expect((await write(edge(0), 'PATCH', { [key]: '0' })).status).toBe(204);
        expect(await statusAt(edge(1), user)).toBe(403);
        expect((await write(edge(1), 'PATCH', { [key]: null })).status).toBe(204);
      }
      expect(maker.callsFor(user)).toBe(15);
    } finally {
      isOver = true; // also where it fails: nobody may ask nodes that have gone
      await Promise.allSettled(load);
    }
    await Promise.all(load);
  });
});

// The last one: until it is struck from the table of members, whoever changes something waits for the dead one.
describe('a node that is killed while it asks', () => {
  it('is replaced: its first requests cause two calls, and the others wait less than a second more', async () => {
    const doomed = await Gateway.start(yamlOf());
    const user = newUser();
    const begun = Promise.withResolvers<void>();
    maker.answer = () => begun.resolve(); // and never a word
    const lost = crowd(50, user, [doomed.edge]).catch(() => []);
    await begun.promise;
    maker.answer = usual;
    const waiting = crowd(500, user, [edge(0), edge(1)]);
    doomed.process.signal('SIGKILL');
    const killedAtMs = performance.now();
    expect((await waiting).filter((status) => status !== 200)).toEqual([]);
    const tookMs = performance.now() - killedAtMs;
    await lost;
    await doomed.stop();
    expect(maker.callsFor(user)).toBe(2);
    // Within the deadline of each request, of which a second at most is the wait for the claim to end.
    expect(tookMs).toBeLessThan(patientMs(deadlineMs + 1_000));
  });
});
