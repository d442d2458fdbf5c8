import { beforeAll, describe, expect, it } from 'vitest';
import { logIn } from '../support/login.ts';
import { request } from '../support/request.ts';
import { bothAnswers, useScene } from '../support/scene.ts';

describe.each(bothAnswers)(
  'P25: what is kept is the session, never the decision, under %s',
  (answers) => {
    const scene = useScene({
      answers,
      routes: [
        { path: '/staff/', require: { roles: ['staffuser'] }, upstream: 'app' },
        { path: '/group/', require: { groups: ['group1'] }, upstream: 'app' },
      ],
    });
    let admin = '';
    beforeAll(async () => {
      admin = (await logIn(scene.gateway.edge, 'admin', 'password')).cookie;
    });
    const get = (target: string, cookie: string): string =>
      request('GET', target, [`Cookie: ${cookie}`]);

    it('a session that may enter one route may not therefore enter the next', async () => {
      for (let round = 0; round < 3; round++) {
        await scene.passes(get('/api/x', scene.cookie));
        await scene.passes(get('/group/x', scene.cookie));
        await scene.declines(get('/staff/x', scene.cookie), 403);
        await scene.passes(get('/staff/x', admin));
        await scene.declines(get('/group/x', admin), 403);
      }
    });

    it('the same path is another decision for another session', async () => {
      for (const [cookie, name] of [
        [scene.cookie, 'user1'],
        [admin, 'admin'],
        [scene.cookie, 'user1'],
      ] as const) {
        const received = await scene.passes(get('/api/x', cookie));
        expect(received.values('x-userinfo').join()).toContain(name);
      }
      await scene.declines(request('GET', '/api/x'), answers === 'modern' ? 401 : 403);
    });
  },
);
