import { describe, expect, it } from 'vitest';
import { cookieName } from '../support/lane.ts';
import { request } from '../support/request.ts';
import { bothAnswers, useScene } from '../support/scene.ts';

describe.each(bothAnswers)('P21: a field that may come once does, under %s', (answers) => {
  const scene = useScene({ answers });

  it('of several X-UserInfo none passes but ours', async () => {
    const lines = [
      'X-UserInfo: root',
      `Cookie: ${scene.cookie}`,
      'X-UserInfo: root',
      'x-userinfo: root, root',
    ];
    const received = await scene.passes(request('GET', '/api/x', lines));
    expect(received.values('x-userinfo')).toEqual([expect.stringContaining('user1')]);
    expect(received.head).not.toContain('root');
  });

  it.each([
    ['the same', ['Authorization: Basic eDp5', 'Authorization: Basic eDp5']],
    ['two that differ', ['Authorization: Basic eDp5', 'authorization: Bearer z']],
  ])('Authorization twice (%s) is 400 and closes', async (_kind, lines) => {
    await scene.refuses(request('GET', '/public/x', lines), 400);
    await scene.refuses(request('GET', '/api/x', [`Cookie: ${scene.cookie}`, ...lines]), 400);
  });

  it('our cookie is found in whichever Cookie field it is', async () => {
    for (const lines of [
      [`Cookie: app=1`, `Cookie: ${scene.cookie}`],
      [`Cookie: ${scene.cookie}`, `Cookie: app=1`],
      [`Cookie: app=1; ${scene.cookie}; more=2`],
    ]) {
      const received = await scene.passes(request('GET', '/api/x', lines));
      expect(received.values('x-userinfo')).toHaveLength(1);
      expect(received.head).not.toContain(scene.cookie);
      expect(received.values('cookie')).toHaveLength(1);
      expect(received.values('cookie').join()).toContain('app=1');
    }
  });

  it('several Cookie fields reach the upstream as one, in order', async () => {
    const lines = ['Cookie: a=1; b=2', `Cookie: ${scene.cookie}`, 'Cookie: c=3'];
    const received = await scene.passes(request('GET', '/api/x', lines));
    expect(received.values('cookie')).toEqual(['a=1; b=2; c=3']);
  });

  it.each([
    ['in one field', (cookie: string) => [`Cookie: ${cookie}; ${cookie}`]],
    ['in two fields', (cookie: string) => [`Cookie: ${cookie}`, `Cookie: ${cookie}`]],
    ['once broken', (cookie: string) => [`Cookie: ${cookie}; ${cookieName}=x`]],
  ])('our cookie twice (%s) is nobody, and is cleared', async (_kind, lines) => {
    const status = answers === 'modern' ? 401 : 403;
    const response = await scene.declines(request('GET', '/api/x', lines(scene.cookie)), status);
    expect(response.value('set-cookie')).toMatch(new RegExp(`^${cookieName}=;.*Max-Age=0`));
  });

  it('Authorization and our cookie go no further, the application’s cookie does', async () => {
    const lines = [`Cookie: app=1; ${scene.cookie}`, 'Authorization: Basic eDp5'];
    const received = await scene.passes(request('GET', '/api/x', lines));
    expect(received.values('authorization')).toEqual([]);
    expect(received.values('cookie')).toEqual(['app=1']);
  });

  it('a lone cookie of ours leaves no Cookie field', async () => {
    const received = await scene.passes(request('GET', '/api/x', [`Cookie: ${scene.cookie}`]));
    expect(received.values('cookie')).toEqual([]);
  });
});
