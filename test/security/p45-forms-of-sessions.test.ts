import { describe, expect, it } from 'vitest';
import { FormSession } from '../support/form-session.ts';
import { request } from '../support/request.ts';
import { useScene } from '../support/scene.ts';

const own = ['Origin: http://a', 'Sec-Fetch-Site: same-origin', 'Sec-Fetch-Mode: navigate'];

describe('P45: a form about sessions has the token of the session that it is for', () => {
  const scene = useScene({
    login: 'loginPage',
    routes: [
      { exactPath: '/auth/sessions', endpoint: 'sessions' },
      { exactPath: '/auth/escalate', endpoint: 'escalate' },
      { exactPath: '/auth/logout_user', endpoint: 'logoutUser' },
      { exactPath: '/auth/return', endpoint: 'return' },
    ],
  });
  const staff = async (): Promise<FormSession> => {
    const browser = new FormSession(scene.gateway.edge);
    await browser.get('/auth/login');
    await browser.logIn('admin', 'password');
    return browser;
  };
  const calls = [
    ['/auth/sessions', { end: 'others' }],
    ['/auth/escalate', { username: 'user1' }],
    ['/auth/logout_user', { username: 'user1' }],
  ] as const;

  it.each(calls)(
    '%s without one, with another one, or from another site is 403',
    async (path, form) => {
      const [browser, other] = [await staff(), await staff()];
      await browser.get('/auth/sessions');
      await other.get('/auth/sessions');
      const { token } = browser;
      expect((await browser.post(path, form, own)).status).toBe(403);
      expect((await browser.post(path, { ...form, token: other.token }, own)).status).toBe(403);
      for (const line of [
        'Origin: http://evil.example',
        'Origin: null',
        'Sec-Fetch-Site: same-site',
      ]) {
        expect((await browser.post(path, { ...form, token }, [line])).status, line).toBe(403);
      }
      // Nothing was done to anybody.
      expect((await other.get('/auth/sessions')).status).toBe(200);
      await scene.passes(request('GET', '/api/x', [`Cookie: ${scene.cookie}`]));
    },
  );

  it('with it, it is done', async () => {
    const [browser, other] = [await staff(), await staff()];
    await browser.get('/auth/sessions');
    const answer = await browser.submit('/auth/sessions', { end: 'others' });
    expect([answer.status, answer.value('location')]).toEqual([303, '/auth/sessions?done=1']);
    expect((await other.get('/auth/sessions')).status).toBe(302);
    expect((await browser.get('/auth/sessions')).status).toBe(200);
  });

  it('one session ends by its handle, and nobody else has a say in it', async () => {
    const [browser, other] = [await staff(), await staff()];
    const handle =
      /"session":"([0-9a-f-]{36})"/.exec((await other.get('/auth/session', [])).text())?.[1] ?? '';
    const user = new FormSession(scene.gateway.edge);
    await user.get('/auth/login');
    await user.logIn();
    await user.get('/auth/sessions');
    expect((await user.submit('/auth/sessions', { end: handle })).status).toBe(303);
    expect((await other.get('/auth/session', [])).status).toBe(200);
    await browser.get('/auth/sessions');
    await browser.submit('/auth/sessions', { end: handle });
    expect((await other.get('/auth/session', [])).status).toBe(401);
    expect((await browser.get('/auth/session', [])).status).toBe(200);
  });

  it('a return needs it as well', async () => {
    const browser = await staff();
    await browser.get('/auth/escalate');
    await browser.submit('/auth/escalate', { username: 'user1' });
    expect((await browser.post('/auth/return', { x: 'y' }, own)).status).toBe(403);
    await browser.get('/auth/return');
    expect((await browser.submit('/auth/return', {})).status).toBe(303);
  });
});
