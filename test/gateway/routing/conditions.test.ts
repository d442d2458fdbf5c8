import { describe, expect, it } from 'vitest';
import { logIn } from '../../support/login.ts';
import { request } from '../../support/request.ts';
import { useScene } from '../../support/scene.ts';

describe('a route with conditions', () => {
  const scene = useScene({
    routes: [
      { path: '/mine/', require: { users: ['user2'] }, upstream: 'app' },
      { path: '/read/', require: { methods: ['GET', 'HEAD'] }, upstream: 'app' },
      {
        path: '/all/',
        require: { allOf: [{ groups: ['group1'] }, { groups: ['group2'] }] },
        upstream: 'app',
      },
      {
        path: '/any/',
        require: { anyOf: [{ roles: ['staffuser'] }, { groups: ['group1'], methods: ['GET'] }] },
        upstream: 'app',
      },
      {
        path: '/none/',
        require: { noneOf: [{ users: ['user1'], methods: ['DELETE'] }] },
        upstream: 'app',
      },
    ],
  });
  const people = { user1: 'pass1', user2: 'pass2', admin: 'password' } as const;

  it.each([
    ['GET', '/mine/x', ['user2']],
    ['GET', '/read/x', ['user1', 'user2', 'admin']],
    ['DELETE', '/read/x', []],
    ['GET', '/all/x', ['user1']],
    ['GET', '/any/x', ['user1', 'admin']],
    ['DELETE', '/any/x', ['admin']],
    ['GET', '/none/x', ['user1', 'user2', 'admin']],
    ['DELETE', '/none/x', ['user2', 'admin']],
  ] as const)('lets in whom they name: %s %s', async (method, target, allowed) => {
    const passed: string[] = [];
    for (const [name, password] of Object.entries(people)) {
      const { cookie } = await logIn(scene.gateway.edge, name, password);
      const { response, forwarded } = await scene.send(
        request(method, target, [`Cookie: ${cookie}`]),
      );
      if (response.status === 200) passed.push(name);
      else expect([response.status, forwarded.length]).toEqual([403, 0]);
    }
    expect(passed).toEqual(allowed);
  });

  it('says no in JSON to a program and on a page to a person, whose session goes on', async () => {
    const line = `Cookie: ${scene.cookie}`;
    const { response } = await scene.send(request('GET', '/mine/x', [line]));
    expect([response.status, response.text()]).toEqual([403, '{"error":"forbidden"}']);
    const page = await scene.send(
      request('GET', '/mine/x', [line, 'Accept: text/html', 'Accept-Language: de']),
    );
    expect(page.response.status).toBe(403);
    expect(page.response.text()).toContain('Diese Seite ist nicht für Sie');
    expect(page.response.values('set-cookie')).toEqual([]);
    await scene.passes(request('GET', '/all/x', [line]));
  });
});
