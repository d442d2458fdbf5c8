import { describe, expect, it } from 'vitest';
import { Gateway } from '../support/gateway.ts';
import type { GatewayYaml } from '../support/gateway-yaml.ts';
import { logIn, type Login } from '../support/login.ts';
import { ask, RawClient } from '../support/raw-client.ts';
import {
  closing,
  never,
  ok,
  RecordingUpstream,
  type Answer,
  type ReceivedConnection,
} from '../support/recording-upstream.ts';
import { request } from '../support/request.ts';
import { bothAnswers, useScene } from '../support/scene.ts';
import { waitFor } from '../support/wait-for.ts';

const cookieOf = ({ cookie }: Login): string => `Cookie: ${cookie}`;

async function logOut(port: number, login: Login): Promise<void> {
  const bytes = request('POST', '/auth/logout', [cookieOf(login), 'Content-Length: 0']);
  expect((await ask(port, bytes)).status).toBe(200);
}

/** What the session is worth now: 200, or what a refusal is. */
async function statusOf(port: number, login: Login): Promise<number> {
  return (await ask(port, request('GET', '/auth/session', [cookieOf(login)]))).status;
}

describe.each(bothAnswers)('a session that ends while a body comes, under %s', (answers) => {
  const scene = useScene({
    answers,
    routes: [
      { exactPath: '/logout_user', endpoint: 'logoutUser' },
      { exactPath: '/escalate', endpoint: 'escalate' },
    ],
  });
  const refused = answers === 'modern' ? 401 : 403;
  const body = '{"username":"user1"}';

  /** Asks, has the gateway read half of the body, does something, and sends the rest. */
  async function asked(path: string, staff: Login, meanwhile: () => Promise<void>) {
    await using client = await scene.connect();
    const fields = [
      cookieOf(staff),
      `Content-Length: ${String(body.length)}`,
      'Expect: 100-continue',
    ];
    client.write(request('POST', path, fields));
    expect(await client.informational(), 'the session was good').toBe(100);
    client.write(body.slice(0, 5));
    await meanwhile();
    client.write(body.slice(5));
    return await client.response();
  }

  it.each(['/logout_user', '/escalate'])('is not obeyed by %s', async (path) => {
    const { edge } = scene.gateway;
    const staff = await logIn(edge, 'admin', 'password');
    const victim = await logIn(edge, 'user1', 'pass1');
    const sessions = await scene.gateway.metric('portcullis_sessions');
    const response = await asked(path, staff, () => logOut(edge, staff));
    expect(response.status).toBe(refused);
    expect(response.values('set-cookie').filter((value) => !/Max-Age=0/.test(value))).toEqual([]);
    expect(await statusOf(edge, victim), 'the victim').toBe(200);
    expect(await scene.gateway.metric('portcullis_sessions')).toBe(sessions - 1);
  });

  it('is obeyed if it is another one', async () => {
    const { edge } = scene.gateway;
    const [staff, other] = [
      await logIn(edge, 'admin', 'password'),
      await logIn(edge, 'admin', 'password'),
    ];
    const victim = await logIn(edge, 'user1', 'pass1');
    const response = await asked('/logout_user', staff, () => logOut(edge, other));
    expect(response.status).toBe(200);
    expect(await statusOf(edge, victim), 'the victim').toBe(refused);
  });
});

describe('a session that ends while its request is at a server', () => {
  /**
   * Two servers. The first keeps no connection and never answers `/slow`; the second has an idle connection, so that a
   * second attempt goes out in the very turn in which the first one fails.
   */
  async function slow(meanwhile: (gateway: Gateway, login: Login) => Promise<void>) {
    await using stack = new AsyncDisposableStack();
    let held: ReceivedConnection | undefined;
    const answer: Answer = (turn) => {
      if (turn.request.target !== '/slow') return closing(200, 'ok')(turn);
      held = turn.connection;
      return never()(turn);
    };
    const first = stack.use(await RecordingUpstream.start({ answer }));
    const second = stack.use(await RecordingUpstream.start());
    const gateway = stack.use(
      await Gateway.planned({
        upstreamPorts: [first.port, second.port],
        upstream: { maxFails: 0 },
      }),
    );
    const login = await logIn(gateway.edge);
    const get = (target: string): string => request('GET', target, [cookieOf(login)]);
    for (const target of ['/first', '/second']) {
      expect((await ask(gateway.edge, get(target))).status).toBe(200);
    }
    const client = stack.use(await RawClient.connect(gateway.edge));
    client.write(get('/slow'));
    await waitFor('the request at the first server', () => held !== undefined);
    await meanwhile(gateway, login);
    held?.socket.resetAndDestroy();
    const { status } = await client.response();
    return { status, second: second.requests.map((received) => received.target) };
  }

  it('is not sent to the next one when the first one fails', async () => {
    const { second, status } = await slow((gateway, login) => logOut(gateway.edge, login));
    expect(status).toBe(401);
    expect(second).toEqual(['/second']);
  });

  it('is sent to the next one if it is another one that ended', async () => {
    const { second, status } = await slow(async (gateway) => {
      await logOut(gateway.edge, await logIn(gateway.edge));
    });
    expect(status).toBe(200);
    expect(second).toEqual(['/second', '/slow']);
  });

  it('is not sent again on a fresh connection when a kept one fails', async () => {
    let held: ReceivedConnection | undefined;
    await using upstream = await RecordingUpstream.start({
      answer: (turn) => {
        if (turn.request.target !== '/slow') return ok()(turn);
        held = turn.connection;
        return never()(turn);
      },
    });
    await using gateway = await Gateway.planned({ upstreamPorts: [upstream.port] });
    const login = await logIn(gateway.edge);
    const get = (target: string): string => request('GET', target, [cookieOf(login)]);
    expect((await ask(gateway.edge, get('/first'))).status).toBe(200);
    await using client = await RawClient.connect(gateway.edge);
    client.write(get('/slow'));
    await waitFor('the request at the server', () => held !== undefined);
    await logOut(gateway.edge, login);
    held?.socket.resetAndDestroy();
    expect((await client.response()).status).toBe(401);
    expect(upstream.requests.map((received) => received.target)).toEqual(['/first', '/slow']);
  });
});

describe('a request that waits in line for a connection', () => {
  /** One connection, held by a request until `release`; a request of the login waits behind it. */
  async function inLine(
    sections: Partial<Omit<GatewayYaml, 'listeners'>>,
    meanwhile: (gateway: Gateway, login: Login) => Promise<void>,
  ) {
    await using stack = new AsyncDisposableStack();
    const released = Promise.withResolvers<void>();
    const upstream = stack.use(
      await RecordingUpstream.start({
        answer: async (turn) => {
          if (turn.request.target === '/public/hold') await released.promise;
          await ok()(turn);
        },
      }),
    );
    const gateway = stack.use(
      await Gateway.planned({
        upstreamPorts: [upstream.port],
        upstream: { connectionsMax: 1, connectTimeout: '20s' },
        sections,
      }),
    );
    const login = await logIn(gateway.edge);
    const holder = stack.use(await RawClient.connect(gateway.edge));
    holder.write(request('GET', '/public/hold'));
    await upstream.requestCount(1);
    const client = stack.use(await RawClient.connect(gateway.edge));
    client.write(request('GET', '/waits', [cookieOf(login)]));
    const waiting = (): Promise<number> => gateway.metric('portcullis_upstream_requests_waiting');
    await waitFor('the request to wait', async () => (await waiting()) === 1);
    await meanwhile(gateway, login);
    released.resolve();
    expect((await holder.response()).status).toBe(200);
    const { status } = await client.response();
    return { status, targets: upstream.requests.map((received) => received.target) };
  }

  it('is not sent when its session has ended in the meantime', async () => {
    const { status, targets } = await inLine({}, (gateway, login) => logOut(gateway.edge, login));
    expect(status).toBe(401);
    expect(targets).toEqual(['/public/hold']);
  });

  it('is sent when its session has left the cache and is alive by other requests', async () => {
    const sessions = { idleTimeout: '1s', cacheEntriesMax: 1 };
    const { status, targets } = await inLine({ sessions }, async ({ edge }, login) => {
      const other = await logIn(edge, 'user2', 'pass2');
      const began = performance.now();
      while (performance.now() - began < 1500) {
        expect(await statusOf(edge, other)).toBe(200);
        expect(await statusOf(edge, login)).toBe(200);
      }
    });
    expect(status).toBe(200);
    expect(targets).toEqual(['/public/hold', '/waits']);
  });
});
