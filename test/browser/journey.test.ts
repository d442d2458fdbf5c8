import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, visit, type Visit } from '../support/browser.ts';
import { planned } from '../support/gateway-yaml.ts';
import { Gateway } from '../support/gateway.ts';
import { tryLogin } from '../support/login.ts';

/** The edge, with what staff need in a browser; behind it an application that shows the fields that it got. */
async function startGateway(): Promise<Gateway> {
  const yaml = planned({
    upstreamPorts: [9],
    login: 'loginPage',
    routes: [
      { exactPath: '/auth/sessions', endpoint: 'sessions' },
      { exactPath: '/auth/escalate', endpoint: 'escalate' },
      { exactPath: '/auth/return', endpoint: 'return' },
      { path: '/app/staff/', require: { roles: ['staffuser'] }, upstream: 'app' },
      {
        exactPath: '/public/form',
        auth: 'none',
        respond: {
          status: 200,
          contentType: 'text/html; charset=utf-8',
          body: '<form method="post" action="/app/save"><button>Save</button></form>',
        },
      },
    ],
    appRoutes: [{ path: '/app/', upstream: 'app' }],
    sections: { login: { home: '/app/home' } },
  });
  yaml.listeners['control'] = { routes: [{ path: '/', endpoint: 'echo' }] };
  yaml.upstreams = { app: { servers: ['127.0.0.1:{port:control}'] } };
  return await Gateway.start(yaml);
}

describe.each([true, false])('a person at a browser, with scripts: %s', (javaScriptEnabled) => {
  let gateway: Gateway;
  let browser: Browser;
  let origin: string;
  beforeAll(async () => {
    [gateway, browser] = await Promise.all([startGateway(), launchBrowser()]);
    origin = `http://127.0.0.1:${String(gateway.edge)}`;
  });
  afterAll(async () => {
    await browser.close();
    await gateway.stop();
  });

  const arrive = (locale = 'en-GB'): Promise<Visit> =>
    visit(browser, { javaScriptEnabled, locale, origin });

  async function logIn(page: Page, username = 'user1', password = 'pass1'): Promise<void> {
    await page.getByLabel('User name').fill(username);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Log in' }).click();
  }

  /** Who the application thinks is asking. */
  async function userSeenBy(page: Page): Promise<{ username: string; act?: { username: string } }> {
    await page.goto(`${origin}/app/who`);
    const text = (await page.textContent('body')) ?? '';
    const info = /X-UserInfo: (\{.*?\})(?=, [A-Z]|\))/.exec(text)?.[1];
    return JSON.parse(info ?? 'null') as { username: string }; // what the gateway wrote
  }

  it('logs in and comes to where it was going', async () => {
    await using guest = await arrive();
    const { page } = guest;
    const target = `${origin}/app/deep%20link/x?q=a%20b&r=%C3%A9&s=1+1`;
    await page.goto(target);
    expect(new URL(page.url()).pathname).toBe('/auth/login');
    expect(await page.title()).toBe('Log in – Portcullis');
    await logIn(page);
    expect(page.url()).toBe(target);
    expect(await userSeenBy(page)).toMatchObject({ username: 'user1' });
    expect(guest.complaints).toEqual([]);
  });

  it('goes home after a login that it was not sent to, and on from there', async () => {
    await using guest = await arrive();
    await guest.page.goto(`${origin}/auth/login`);
    await logIn(guest.page);
    expect(guest.page.url()).toBe(`${origin}/app/home`);
    await guest.page.goto(`${origin}/auth/login?next=/app/other`);
    expect(guest.page.url()).toBe(`${origin}/app/other`);
  });

  it('is told of a wrong password where it cannot be missed, and can try again', async () => {
    await using guest = await arrive();
    const { page } = guest;
    await page.goto(`${origin}/app/deep`);
    await logIn(page, 'user1', 'wrong');
    expect(await page.title()).toBe('That did not work: Log in – Portcullis');
    const alert = page.getByRole('alert');
    expect(await alert.textContent()).toContain('The user name or the password is wrong.');
    expect(await page.getByLabel('User name').inputValue()).toBe('user1');
    expect(await page.getByLabel('Password').inputValue()).toBe('');
    if (javaScriptEnabled) {
      expect(await page.evaluate('document.activeElement.id')).toBe('problem');
    }
    await logIn(page);
    expect(page.url()).toBe(`${origin}/app/deep`);
    expect(guest.complaints).toEqual([]);
  });

  it('is told to wait after too many attempts, and not whether the password was right', async () => {
    for (let count = 0; count < 10; count += 1) {
      expect((await tryLogin(gateway.edge, 'user2', 'wrong')).status).toBe(401);
    }
    await using guest = await arrive();
    const { page } = guest;
    await page.goto(`${origin}/app/deep`);
    for (const password of ['wrong', 'pass2']) {
      const answer = page.waitForResponse((response) => response.request().method() === 'POST');
      await logIn(page, 'user2', password);
      const response = await answer;
      expect(response.status()).toBe(429);
      expect(Number(response.headers()['retry-after'])).toBeGreaterThan(0);
      const alert = page.getByRole('alert');
      expect(await alert.textContent()).toContain('There were too many attempts.');
    }
    // Another account is not concerned, and the way is not forgotten.
    await logIn(page);
    expect(page.url()).toBe(`${origin}/app/deep`);
    expect(guest.complaints).toEqual([]);
  });

  it('feels a logout in another tab', async () => {
    await using guest = await arrive();
    const { browser: jar, page } = guest;
    await page.goto(`${origin}/app/first`);
    await logIn(page);
    const other = await jar.newPage();
    await other.goto(`${origin}/auth/logout`);
    expect(await other.getByRole('heading', { level: 1 }).textContent()).toBe('You are logged out');
    await page.reload();
    expect(new URL(page.url()).pathname).toBe('/auth/login');
    await other.getByRole('link', { name: 'Log in' }).click();
    expect(new URL(other.url()).pathname).toBe('/auth/login');
    expect(guest.complaints).toEqual([]);
  });

  it('is told that its session has ended when somebody else ended it', async () => {
    await using here = await arrive();
    await using there = await arrive();
    await here.page.goto(`${origin}/app/x`);
    await logIn(here.page);
    await there.page.goto(`${origin}/auth/login`);
    await logIn(there.page);
    await there.page.goto(`${origin}/auth/sessions`);
    const rows = there.page.getByRole('listitem');
    expect(await rows.first().textContent()).toContain('This browser');
    await there.page.getByRole('button', { name: 'End all other sessions' }).click();
    expect(await there.page.getByRole('status').textContent()).toBe('Done.');
    expect(await rows.count()).toBe(1);
    await here.page.reload();
    expect(await here.page.getByRole('status').textContent()).toContain('Your session has ended.');
    expect([...here.complaints, ...there.complaints]).toEqual([]);
  });

  it('that posts a form after its session ended gets a page instead of losing it in a redirect', async () => {
    await using guest = await arrive();
    const { page } = guest;
    await page.goto(`${origin}/public/form`);
    await page.getByRole('button', { name: 'Save' }).click();
    expect(page.url()).toBe(`${origin}/app/save`);
    expect(await page.textContent('h1')).toBe('Please log in');
    await page.getByRole('link', { name: 'Log in' }).click();
    expect(new URL(page.url()).pathname).toBe('/auth/login');
  });

  it('that keeps no cookies is told so, and goes round in no circle', async () => {
    await using guest = await arrive();
    const { browser: jar, page } = guest;
    await page.goto(`${origin}/app/x`);
    await jar.clearCookies();
    await logIn(page);
    expect(await page.textContent('h1')).toBe('Your browser did not keep our cookie');
    await page.getByRole('link', { name: 'Try again' }).click();
    expect(new URL(page.url()).pathname).toBe('/auth/login');
    // The same where the session's cookie cannot be told from one that somebody else has planted (P40).
    await jar.addCookies([
      { name: 'portcullis', value: 'planted', domain: '127.0.0.1', path: '/auth' },
    ]);
    await logIn(page);
    expect(await page.textContent('h1')).toBe('Your browser did not keep our cookie');
    expect(guest.complaints).toEqual([]);
  });

  it('acts for a user and returns to itself', async () => {
    await using staff = await arrive();
    const { page } = staff;
    await page.goto(`${origin}/auth/escalate?next=/app/customer`);
    await logIn(page, 'admin', 'password');
    expect(await page.textContent('h1')).toBe('Act for another user');
    await page.getByLabel('User name').fill('nobody');
    await page.getByRole('button', { name: 'Continue as this user' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('You cannot act for this user.');
    await page.getByLabel('User name').fill('user1');
    await page.getByRole('button', { name: 'Continue as this user' }).click();
    expect(page.url()).toBe(`${origin}/app/customer`);
    expect(await userSeenBy(page)).toMatchObject({ username: 'user1', act: { username: 'admin' } });
    // No more rights than the user has.
    await page.goto(`${origin}/app/staff/x`);
    expect(await page.textContent('h1')).toBe('This page is not for you');
    await page.goto(`${origin}/auth/return`);
    expect(await page.textContent('h1')).toBe('You are acting for user1');
    await page.getByRole('button', { name: 'Return to yourself' }).click();
    expect(page.url()).toBe(`${origin}/app/home`);
    const self = await userSeenBy(page);
    expect(self.username).toBe('admin');
    expect(self.act).toBeUndefined();
    expect((await page.goto(`${origin}/app/staff/x`))?.status()).toBe(200);
    expect(staff.complaints).toEqual([]);
  });

  it('is asked before another site logs it out', async () => {
    await using guest = await arrive();
    const { page } = guest;
    await page.goto(`${origin}/app/x`);
    await logIn(page);
    const elsewhere = `http://localhost:${String(gateway.edge)}`;
    const body = `<a href="${origin}/auth/logout">prize</a>`;
    await page.route(`${elsewhere}/prize`, (route) =>
      route.fulfill({ contentType: 'text/html', body }),
    );
    await page.goto(`${elsewhere}/prize`);
    await page.getByRole('link', { name: 'prize' }).click();
    expect(await page.textContent('h1')).toBe('Log out?');
    await page.getByRole('button', { name: 'Log out' }).click();
    expect(await page.textContent('h1')).toBe('You are logged out');
    expect(guest.complaints).toEqual([`asked for ${elsewhere}/prize`]); // by this test, and nothing else
  });

  it('reads German where that is what its browser asks for', async () => {
    await using guest = await arrive('de-DE');
    const { page } = guest;
    await page.goto(`${origin}/app/x`);
    expect(await page.getAttribute('html', 'lang')).toBe('de');
    await page.getByLabel('Benutzername').fill('user1');
    await page.getByLabel('Passwort').fill('falsch');
    await page.getByRole('button', { name: 'Anmelden' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('ist falsch');
    expect(guest.complaints).toEqual([]);
  });
});
