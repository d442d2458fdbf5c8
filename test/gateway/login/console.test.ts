import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Gateway } from '../../support/gateway.ts';
import { planned } from '../../support/gateway-yaml.ts';
import { logIn, tryLogin, type Login } from '../../support/login.ts';
import { ask, type RawResponse } from '../../support/raw-client.ts';
import { ok, RecordingUpstream } from '../../support/recording-upstream.ts';
import { request } from '../../support/request.ts';
import { waitForValue } from '../../support/wait-for.ts';

/** A gateway that is one process, with its audit log in a file. */
describe('the console of a gateway', () => {
  const stack = new AsyncDisposableStack();
  let gateway: Gateway;
  let upstream: RecordingUpstream;
  let auditPath: string;
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'portcullis-console-'));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    auditPath = join(folder, 'audit.log');
    upstream = stack.use(await RecordingUpstream.start({ answer: ok() }));
    gateway = stack.use(
      await Gateway.start(
        planned({
          upstreamPorts: [upstream.port],
          sections: { audit: { path: auditPath }, coherence: { node: 'north' } },
        }),
      ),
    );
  });
  afterAll(() => stack.disposeAsync());

  const enter = (user = 'admin', password = 'password'): Promise<Login> =>
    logIn(gateway.admin, user, password, '/console/login');

  async function send(
    method: string,
    path: string,
    { cookie }: Pick<Login, 'cookie'>,
    body?: object,
  ): Promise<RawResponse> {
    const text = body === undefined ? '' : JSON.stringify(body);
    const lines = [
      `Host: localhost:${String(gateway.admin)}`,
      `Cookie: ${cookie}`,
      `Content-Length: ${String(text.length)}`,
      'Connection: close',
    ];
    return await ask(gateway.admin, request(method, path, lines, text).replace('Host: a\r\n', ''));
  }

  it('has a login of its own, whose cookie says nothing at the edge and reaches no application', async () => {
    const staff = await enter();
    expect(staff.cookie).toMatch(/^portcullis-console=/);
    expect(staff.response.value('set-cookie')).toContain('; Path=/; HttpOnly; SameSite=Strict');
    const edge = await logIn(gateway.edge);
    upstream.requests.length = 0;
    const both = `${staff.cookie}; ${edge.cookie}; other=1`;
    expect((await ask(gateway.edge, request('GET', '/x', [`Cookie: ${both}`]))).status).toBe(200);
    expect(upstream.requests[0]?.values('cookie')).toEqual(['other=1']);
    const alone = await ask(gateway.edge, request('GET', '/x', [`Cookie: ${staff.cookie}`]));
    expect(alone.status).toBe(401);
    expect(
      (await send('GET', '/console/state.json', await logIn(gateway.edge, 'admin', 'password')))
        .status,
    ).toBe(401);
    expect((await send('GET', '/console/state.json', staff)).status).toBe(200);
  });

  it('shows who is there, and writes down who ended what', async () => {
    const staff = await enter();
    await logIn(gateway.edge, 'user2', 'pass2');
    const state = JSON.parse(
      (await send('GET', '/console/state.json?user=user2', staff)).text(),
    ) as {
      sessions: { shown: object[] };
      nodes: object[];
      upstreams: object[];
    }; // what the gateway says
    expect(state.sessions.shown).toMatchObject([
      { user: 'user2', address: '127.0.0.1', node: 'north', streams: 0, own: false },
    ]);
    expect(state.nodes).toMatchObject([{ node: 'north', state: 'alone', leaseMs: null }]);
    expect(state.upstreams).toMatchObject([{ name: 'app', servers: [{ state: 'up' }] }]);
    const wish = { directory: 'demo', user: 'user2', session: 'all' };
    const ended = await send('POST', '/console/end', staff, wish);
    expect([ended.status, ended.text()]).toEqual([200, '{"ended":1}\n']);
    // What has happened is written behind the answer.
    const line = await waitForValue('the line of the audit log', async () => {
      const lines = (await readFile(auditPath, 'utf8')).split('\n');
      return lines.find((one) => one.includes('logout_user')) ?? null;
    });
    expect(JSON.parse(line)).toMatchObject({
      event: 'logout_user',
      actor: { directory: 'demo', subject: 'admin' },
      target: { directory: 'demo', subject: 'user2' },
      address: '127.0.0.1',
      requestId: expect.stringMatching(/^[0-9a-f]{32}$/),
      revoked: 1,
    });
  });

  it('counts wrong passwords together with the edge', async () => {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await tryLogin(gateway.admin, 'user1', 'wrong', '/console/login');
      await tryLogin(gateway.edge, 'user1', 'wrong');
    }
    const here = await tryLogin(gateway.admin, 'user1', 'pass1', '/console/login');
    expect(here.status).toBe(429);
    expect((await tryLogin(gateway.edge, 'user1', 'pass1')).status).toBe(429);
  });
});
