import { describe, expect, it } from 'vitest';
import type { RouteYaml } from '../../support/gateway-yaml.ts';
import { logIn } from '../../support/login.ts';
import { request } from '../../support/request.ts';
import { bothAnswers, useScene } from '../../support/scene.ts';

/** A route that says its own name. */
const named = (body: string, match: Partial<RouteYaml>): RouteYaml => ({
  auth: 'none',
  respond: { status: 200, body, contentType: 'text/plain' },
  ...match,
});

const routes: RouteYaml[] = [
  named('prefix', { path: '/a/' }),
  named('longer prefix', { path: '/a/b' }),
  named('exact', { exactPath: '/a/b/c' }),
  named('root', { exactPath: '/' }),
  named('host root', { host: 'host.example', path: '/a/' }),
  named('host exact', { host: 'host.example', exactPath: '/only' }),
  named('below', { host: '*.example', path: '/below/' }),
  named('exactly', { host: 'x.example', path: '/below/' }),
  named('reads', { methods: ['GET', 'HEAD'], path: '/m/' }),
  named('writes', { methods: ['POST'], path: '/m/' }),
  named('any', { path: '/m/deep/' }),
  {
    path: '/teapot',
    auth: 'none',
    respond: { status: 418, body: '{}', contentType: 'application/json' },
  },
  { path: '/silent', auth: 'none', respond: { status: 204 } },
  { path: '/role/', require: { roles: ['physician'] }, upstream: 'app' },
  { path: '/groups/', require: { groups: ['group2', 'other'] }, upstream: 'app' },
  { path: '/both/', require: { roles: ['physician'], groups: ['other'] }, upstream: 'app' },
  { path: '/locked/', auth: 'session', respond: { status: 200, body: 'inside' } },
  { path: '/old/', auth: 'none', upstream: 'app', rewrite: '/new/' },
  { path: '/deep', auth: 'none', upstream: 'app', rewrite: '/' },
  { path: '/unhosted/', auth: 'none', upstream: 'app', passHost: false },
  { path: '/authorized/', auth: 'none', upstream: 'app', keepAuthorization: true },
];

describe.each(bothAnswers)('routes, under %s', (answers) => {
  const scene = useScene({
    answers,
    routes,
    appRoutes: [{ path: '/public/', auth: 'none', upstream: 'app' }],
  });
  const said = async (
    target: string,
    lines: readonly string[] = [],
    method = 'GET',
  ): Promise<string> => {
    const { response } = await scene.send(request(method, target, lines));
    return response.status === 200 ? response.text() : String(response.status);
  };
  const onHost = async (host: string, target: string): Promise<string> => {
    const { response } = await scene.send(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    return response.status === 200 ? response.text() : String(response.status);
  };

  it.each([
    ['/a', 'prefix'],
    ['/a/', 'prefix'],
    ['/a/x', 'prefix'],
    ['/a/bx', 'prefix'],
    ['/a/b', 'longer prefix'],
    ['/a/b/', 'longer prefix'],
    ['/a/b/x', 'longer prefix'],
    ['/a/b/c', 'exact'],
    ['/a/b/c/', 'longer prefix'],
    ['/a/b/c/d', 'longer prefix'],
    ['/', 'root'],
    ['/ax', '404'],
    ['/A/', '404'],
    ['/nope', '404'],
    ['/a/../nope', '404'],
    ['/nope/../a/b/c', 'exact'],
    ['/a?x=/a/b', 'prefix'],
  ])('%s is taken by: %s', async (target, answer) => {
    expect(await said(target)).toBe(answer);
  });

  it('a host beats none, and an exact name one below', async () => {
    expect(await onHost('host.example', '/a/x')).toBe('host root');
    expect(await onHost('other.example', '/a/x')).toBe('prefix');
    expect(await onHost('host.example', '/only')).toBe('host exact');
    expect(await onHost('other.example', '/only')).toBe('404');
    expect(await onHost('x.example', '/below/')).toBe('exactly');
    expect(await onHost('y.example', '/below/')).toBe('below');
    expect(await onHost('example', '/below/')).toBe('404');
  });

  it('methods choose between routes of one path', async () => {
    expect(await said('/m/x')).toBe('reads');
    expect(await said('/m/x', ['Content-Length: 0'], 'POST')).toBe('writes');
    expect(await said('/m/deep/x', [], 'DELETE')).toBe('any');
    expect(await said('/m/x', [], 'DELETE')).toBe('404');
  });

  it('a fixed answer is given as it is configured', async () => {
    const response = await scene.declines(request('GET', '/teapot'), 418);
    expect(response.text()).toBe('{}');
    expect(response.value('content-type')).toBe('application/json');
    const silent = await scene.declines(request('GET', '/silent'), 204);
    expect(silent.body).toHaveLength(0);
  });

  it('a fixed answer may need a session', async () => {
    await scene.declines(request('GET', '/locked/x'), answers === 'modern' ? 401 : 403);
    const inside = await scene.declines(
      request('GET', '/locked/x', [`Cookie: ${scene.cookie}`]),
      200,
    );
    expect(inside.text()).toBe('inside');
  });

  it('a route may need a role, a group, or both', async () => {
    const cookies = {
      user1: `Cookie: ${scene.cookie}`,
      user2: `Cookie: ${(await logIn(scene.gateway.edge, 'user2', 'pass2')).cookie}`,
    };
    await scene.passes(request('GET', '/role/x', [cookies.user1]));
    await scene.declines(request('GET', '/role/x', [cookies.user2]), 403);
    await scene.passes(request('GET', '/groups/x', [cookies.user1]));
    await scene.declines(request('GET', '/groups/x', [cookies.user2]), 403);
    await scene.declines(request('GET', '/both/x', [cookies.user1]), 403);
    await scene.declines(request('GET', '/role/x'), answers === 'modern' ? 401 : 403);
  });

  it('a refusal for want of a role leaves the cookie alone', async () => {
    const { cookie } = await logIn(scene.gateway.edge, 'user2', 'pass2');
    const response = await scene.declines(request('GET', '/role/x', [`Cookie: ${cookie}`]), 403);
    expect(response.values('set-cookie')).toEqual([]);
  });

  it('an unknown path leaves the cookie alone', async () => {
    const response = await scene.declines(
      request('GET', '/nope', [`Cookie: ${scene.cookie}`]),
      404,
    );
    expect(response.values('set-cookie')).toEqual([]);
  });

  it.each([
    ['/old/x', '/new/x'],
    ['/old', '/new/'],
    ['/old/', '/new/'],
    ['/old/a/b?c=/old/', '/new/a/b?c=/old/'],
    ['/deep/x', '/x'],
    ['/deep', '/'],
    ['/deep//x', '/x'],
  ])('a prefix is replaced: %s becomes %s', async (target, rewritten) => {
    expect((await scene.passes(request('GET', target))).target).toBe(rewritten);
  });

  it('an upstream may be asked by its own name', async () => {
    expect((await scene.passes(request('GET', '/unhosted/x'))).values('host')).toEqual(['app']);
    expect((await scene.passes(request('GET', '/public/x'))).values('host')).toEqual(['a']);
  });

  it('Authorization passes only where a route keeps it', async () => {
    const lines = ['Authorization: Basic eDp5'];
    const kept = await scene.passes(request('GET', '/authorized/x', lines));
    expect(kept.values('authorization')).toEqual(['Basic eDp5']);
    expect(
      (await scene.passes(request('GET', '/public/x', lines))).values('authorization'),
    ).toEqual([]);
  });

  it('every outcome has one line in the access log', async () => {
    await scene.send(request('GET', '/old/logged'));
    await scene.send(request('GET', '/nope/logged'));
    const forwarded = await scene.gateway.accessLine(
      'a forwarded one',
      (line) => line['path'] === '/old/logged',
    );
    expect(forwarded).toMatchObject({
      method: 'GET',
      status: 200,
      listener: 'edge',
      client: '127.0.0.1',
      bytesOut: 2,
    });
    expect(forwarded['requestId']).toMatch(/^[0-9a-f]{32}$/);
    expect(forwarded['upstream']).toBe(`127.0.0.1:${String(scene.upstream.port)}`);
    const unknown = await scene.gateway.accessLine(
      'an unknown one',
      (line) => line['path'] === '/nope/logged',
    );
    expect(unknown).toMatchObject({ status: 404, route: null, upstream: null });
  });

  it('a refused request has its line, too, with the reason', async () => {
    await scene.refuses('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n', 400);
    const reason = 'refused:length-malformed';
    const line = await scene.gateway.accessLine('it', (seen) => seen['outcome'] === reason);
    expect(line).toMatchObject({ method: 'POST', status: 400, client: '127.0.0.1' });
  });

  it('the request id of the access log is the one that the upstream got', async () => {
    const received = await scene.passes(request('GET', '/public/same-id'));
    const line = await scene.gateway.accessLine('it', (seen) => seen['path'] === '/public/same-id');
    expect([line['requestId']]).toEqual(received.values('x-request-id'));
  });

  it('the access log holds neither queries nor cookies nor passwords', async () => {
    await scene.send(
      request('GET', '/public/private?token=hidden-query', [`Cookie: ${scene.cookie}`]),
    );
    await scene.gateway.accessLine('it', (seen) => seen['path'] === '/public/private');
    const { stdout, stderr } = scene.gateway.process;
    for (const secret of ['hidden-query', scene.cookie.split('=')[1] ?? 'none', 'pass1']) {
      expect(stdout + stderr).not.toContain(secret);
    }
  });
});
