import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Gateway } from '../support/gateway.ts';
import { planned } from '../support/gateway-yaml.ts';
import { audience, IdentityProvider, signingKey } from '../support/identity-provider.ts';
import { logIn, tryTokenLogin } from '../support/login.ts';
import { ask } from '../support/raw-client.ts';
import { RecordingUpstream } from '../support/recording-upstream.ts';
import { request } from '../support/request.ts';
import { bothAnswers } from '../support/scene.ts';
import { forge } from '../support/tokens.ts';

const key = signingKey('key');

describe.each(bothAnswers)('a token that comes with each request, under %s,', (answers) => {
  const stack = new AsyncDisposableStack();
  const refused = answers === 'modern' ? 401 : 403;
  let provider: IdentityProvider;
  let upstream: RecordingUpstream;
  let gateway: Gateway;

  beforeAll(async () => {
    provider = stack.use(await IdentityProvider.start(key));
    upstream = stack.use(await RecordingUpstream.start());
    const yaml = planned({
      answers,
      upstreamPorts: [upstream.port],
      routes: [
        { id: 'api', path: '/bearer/', auth: 'bearer', upstream: 'app' },
        { path: '/either/', auth: 'sessionOrBearer', upstream: 'app' },
        { path: '/kept/', auth: 'bearer', upstream: 'app', keepAuthorization: true },
        { path: '/staff/', auth: 'bearer', upstream: 'app', require: { roles: ['staffuser'] } },
        { path: '/doctors/', auth: 'bearer', upstream: 'app', require: { groups: ['doctors'] } },
      ],
    });
    const directory = {
      type: 'token' as const,
      issuer: provider.issuer,
      audiences: [audience],
      keys: { cooldown: '100ms' },
      bearer: { cache: '1m' },
    };
    gateway = stack.use(
      await Gateway.start({ ...yaml, directories: { ...yaml.directories, provider: directory } }),
    );
  });
  afterAll(() => stack.disposeAsync());
  beforeEach(() => {
    upstream.requests.length = 0;
    provider.mood = 'well';
  });

  const get = async (path: string, ...lines: readonly string[]) =>
    await ask(gateway.edge, request('GET', path, ['Connection: close', ...lines]));
  const bearing = (token: string): string => `Authorization: Bearer ${token}`;

  it('says whose the request is, without a cookie, and goes no further itself', async () => {
    const response = await get('/bearer/x', bearing(await provider.tokenFor('alice')));
    expect(response.status, response.text()).toBe(200);
    expect(response.value('set-cookie')).toBeUndefined();
    expect(response.value('cache-control')).toBe('private');
    const [received] = upstream.requests;
    expect(received?.values('x-userinfo')).toHaveLength(1);
    expect(received?.values('x-userinfo')[0]).toContain('alice');
    expect(received?.values('authorization')).toEqual([]);
    const line = await gateway.accessLine('it', (one) => one['route'] === 'api');
    expect(line).toMatchObject({ user: 'alice', session: null });
  });

  it('goes upstream where a route says so', async () => {
    const token = await provider.tokenFor('alice');
    expect((await get('/kept/x', bearing(token))).status).toBe(200);
    expect(upstream.requests[0]?.values('authorization')).toEqual([`Bearer ${token}`]);
  });

  it('is looked at once and then known, also while the provider is out', async () => {
    const token = await provider.tokenFor('carol');
    expect((await get('/bearer/x', bearing(token))).status).toBe(200);
    provider.mood = 'garbage';
    provider.asked.length = 0;
    for (let count = 0; count < 5; count += 1) {
      expect((await get('/bearer/x', bearing(token))).status).toBe(200);
    }
    expect(provider.asked).toEqual([]);
  });

  it('is judged by the rules of each route anew', async () => {
    const token = await provider.tokenFor('alice');
    expect((await get('/staff/x', bearing(token))).status).toBe(403);
    expect((await get('/doctors/x', bearing(token))).status).toBe(200);
    expect((await get('/staff/x', bearing(token))).status).toBe(403);
  });

  it('that is missing, odd or bad is refused, and the answer asks for one', async () => {
    const bad = await forge(provider.issuer, signingKey('key'), { kid: 'key' });
    for (const lines of [
      [],
      ['Authorization: Basic eDp5'],
      ['Authorization: Bearer'],
      [bearing(bad)],
    ]) {
      const response = await get('/bearer/x', ...lines);
      expect(response.status, lines.join()).toBe(refused);
      const challenge = answers === 'modern' ? expect.stringMatching(/^Bearer realm=/) : undefined;
      expect(response.value('www-authenticate')).toEqual(challenge);
      expect(response.value('set-cookie')).toBeUndefined();
    }
    expect(upstream.requests).toEqual([]);
  });

  it('is no session, and a session is no token', async () => {
    const token = await provider.tokenFor('alice');
    const { cookie } = await logIn(gateway.edge);
    expect((await get('/x', bearing(token))).status).toBe(refused);
    expect((await get('/bearer/x', `Cookie: ${cookie}`)).status).toBe(refused);
    expect((await get('/bearer/x', bearing(cookie.slice(cookie.indexOf('=') + 1)))).status).toBe(
      refused,
    );
  });

  it('counts before the session where both are taken, and a bad one is not made good by it', async () => {
    const { cookie } = await logIn(gateway.edge);
    const token = await provider.tokenFor('alice');
    for (const [lines, status, user] of [
      [[`Cookie: ${cookie}`], 200, 'user1'],
      [[bearing(token)], 200, 'alice'],
      [[`Cookie: ${cookie}`, bearing(token)], 200, 'alice'],
      [[`Cookie: ${cookie}`, bearing('x.y.z')], refused, ''],
      [[`Cookie: ${cookie}`, 'Authorization: Basic eDp5'], 200, 'user1'],
      [[], refused, ''],
    ] as const) {
      upstream.requests.length = 0;
      expect((await get('/either/x', ...lines)).status, lines.join()).toBe(status);
      expect(upstream.requests[0]?.values('x-userinfo')[0] ?? '').toContain(user);
    }
  });

  it('that cannot be judged is answered 503, and a session goes on', async () => {
    const { cookie } = await logIn(gateway.edge);
    const unknown = await forge(provider.issuer, signingKey('new'), { kid: 'new' });
    provider.mood = 'garbage';
    await expect.poll(async () => (await get('/bearer/x', bearing(unknown))).status).toBe(503);
    expect((await get('/x', `Cookie: ${cookie}`)).status).toBe(200);
  });

  it('T59: opens a session, as a login', async () => {
    const { cookie, response } = await tryTokenLogin(
      gateway.edge,
      await provider.tokenFor('alice'),
    );
    expect(response.status).toBe(200);
    expect(response.text()).toContain('alice');
    expect((await get('/x', `Cookie: ${cookie ?? ''}`)).status).toBe(200);
    const shown = await get('/auth/session', `Cookie: ${cookie ?? ''}`);
    expect(JSON.parse(shown.text())).toMatchObject({ username: 'alice' });
  });
});
