import { describe, expect, it } from 'vitest';
import { FormSession } from '../support/form-session.ts';
import { useScene } from '../support/scene.ts';

const own = ['Origin: http://a', 'Sec-Fetch-Site: same-origin', 'Sec-Fetch-Mode: navigate'];
const credentials = { username: 'user1', password: 'pass1' };

describe('P44: nobody is logged in by a form that we did not make for this browser', () => {
  const scene = useScene({
    login: 'loginPage',
    sections: { login: { allowedOrigins: ['https://app.example.org'] } },
  });
  const fresh = async (): Promise<FormSession> => {
    const browser = new FormSession(scene.gateway.edge);
    await browser.get('/auth/login');
    return browser;
  };

  it('the form of this very page logs in', async () => {
    const browser = await fresh();
    expect((await browser.logIn()).status).toBe(303);
    expect(browser.cookies.has('portcullis')).toBe(true);
  });

  it.each([
    ['Origin: http://evil.example'],
    ['Origin: null'],
    ['Origin: https://a'],
    ['Sec-Fetch-Site: cross-site'],
    ['Sec-Fetch-Site: same-site'],
    ['Origin: http://evil.example', 'Sec-Fetch-Site: same-origin'],
  ])('another site is 403, even with a token: %s %s', async (...lines) => {
    const browser = await fresh();
    const answer = await browser.post(
      '/auth/login',
      { token: browser.token, ...credentials },
      lines,
    );
    expect(answer.status).toBe(403);
    expect(browser.cookies.has('portcullis')).toBe(false);
  });

  it.each([
    ['no token', () => ({})],
    ['an empty one', () => ({ token: '' })],
    ['one that was never made', () => ({ token: `e30.${'A'.repeat(43)}` })],
    ['one made for another browser', (other: string) => ({ token: other })],
  ])('%s is 403 and the form again', async (_, form) => {
    const [browser, other] = [await fresh(), await fresh()];
    const answer = await browser.post('/auth/login', { ...form(other.token), ...credentials }, own);
    expect(answer.status).toBe(403);
    expect(answer.text()).toContain('This page was open for too long.');
    expect(browser.cookies.has('portcullis')).toBe(false);
    // The form that came with it is good.
    expect((await browser.logIn()).status).toBe(303);
  });

  it('without the cookie that came with the form it is 403, and somebody is told why', async () => {
    const browser = await fresh();
    browser.cookies.clear();
    const answer = await browser.post('/auth/login', { token: browser.token, ...credentials }, own);
    expect(answer.status).toBe(403);
    expect(answer.text()).toContain('Your browser did not keep our cookie');
  });

  it('a program that posts a form without a token is 403, too; JSON needs none', async () => {
    const program = new FormSession(scene.gateway.edge);
    expect((await program.post('/auth/login', credentials, [])).status).toBe(403);
    await scene.send('GET /public/x HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(scene.login.response.status).toBe(200);
  });

  it.each([
    ['username=a&username=b', 400],
    [Array.from({ length: 30 }, (_, index) => `f${String(index)}=x`).join('&'), 400],
    [`username=${'x'.repeat(20_000)}`, 413],
    ['username=%ff&password=x', 403],
  ])('a body that no form of ours sends is refused: %.30s', async (body, status) => {
    const browser = await fresh();
    const head = [
      ...[
        'POST /auth/login HTTP/1.1',
        'Host: a',
        'Content-Type: application/x-www-form-urlencoded',
      ],
      ...[browser.cookieLine, `Content-Length: ${String(body.length)}`, '', body],
    ].join('\r\n');
    const { response } = await scene.send(head);
    expect(response.status).toBe(status);
  });

  it('a wrong password is 401 with the form, and the name in it harmless', async () => {
    const browser = await fresh();
    const answer = await browser.logIn('"><script>alert(1)</script>', 'wrong');
    expect(answer.status).toBe(401);
    expect(answer.value('www-authenticate')).toBe('Cookie realm="portcullis"');
    expect(answer.value('cache-control')).toBe('no-store');
    expect(answer.text()).toContain('The user name or the password is wrong.');
    expect(answer.text()).not.toContain('<script');
    expect((await browser.submit('/auth/login', { username: '', password: '' })).status).toBe(422);
  });

  it('the page is kept by no cache and framed by nobody', async () => {
    const answer = await new FormSession(scene.gateway.edge).get('/auth/login');
    expect(answer.status).toBe(200);
    expect(answer.value('cache-control')).toBe('no-store');
    expect(answer.value('content-security-policy')).toContain("frame-ancestors 'none'");
    const again = await fresh();
    const second = await again.get('/auth/login');
    // A second tab does not spoil the first.
    expect(second.values('set-cookie')).toEqual([]);
  });
});
