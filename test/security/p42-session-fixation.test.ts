import { describe, expect, it } from 'vitest';
import { FormSession } from '../support/form-session.ts';
import { logIn, tryLogin } from '../support/login.ts';
import { ask } from '../support/raw-client.ts';
import { request } from '../support/request.ts';
import { useScene } from '../support/scene.ts';

describe('P42: nobody is given a session that somebody else knows', () => {
  const scene = useScene({
    login: 'loginPage',
    routes: [
      { exactPath: '/auth/escalate', endpoint: 'escalate' },
      { exactPath: '/auth/return', endpoint: 'return' },
    ],
  });
  const statusOf = async (token: string): Promise<number> => {
    const lines = [`Cookie: portcullis=${token}`, 'Connection: close'];
    return (await ask(scene.gateway.edge, request('GET', '/auth/session', lines))).status;
  };

  it('a login ends the session that it presents and opens another, as a form and as JSON', async () => {
    const before = await logIn(scene.gateway.edge);
    const body = '{"username":"user2","password":"pass2"}';
    const lines = [
      `Cookie: ${before.cookie}`,
      `Content-Length: ${String(body.length)}`,
      'Connection: close',
    ];
    const after = await ask(scene.gateway.edge, request('POST', '/auth/login', lines, body));
    expect(after.status).toBe(200);
    expect(await statusOf(before.token)).toBe(401);

    const browser = new FormSession(scene.gateway.edge);
    await browser.get('/auth/login');
    const planted = (await logIn(scene.gateway.edge)).token;
    browser.cookies.set('portcullis', planted);
    expect((await browser.logIn()).status).toBe(303);
    expect(browser.cookies.get('portcullis')).not.toBe(planted);
    expect(await statusOf(planted)).toBe(401);
  });

  it('a token that we did not make is no session, and none is made under it', async () => {
    const planted =
      'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA';
    expect(await statusOf(planted)).toBe(401);
    const answer = await tryLogin(scene.gateway.edge, 'user1', 'pass1');
    expect(answer.value('set-cookie')).not.toContain(planted);
  });

  it('an escalation opens another session, and the return ends it', async () => {
    const browser = new FormSession(scene.gateway.edge);
    await browser.get('/auth/login');
    await browser.logIn('admin', 'password');
    const own = browser.cookies.get('portcullis') ?? '';
    await browser.get('/auth/escalate');
    await browser.submit('/auth/escalate', { username: 'user1' });
    const acting = browser.cookies.get('portcullis') ?? '';
    expect(acting).not.toBe(own);
    expect(await statusOf(own)).toBe(200);
    await browser.get('/auth/return');
    await browser.submit('/auth/return', {});
    expect(await statusOf(acting)).toBe(401);
    const back = browser.cookies.get('portcullis') ?? '';
    expect(await statusOf(back)).toBe(200);
    expect(browser.cookies.has('portcullis-actor')).toBe(false);
  });
});
