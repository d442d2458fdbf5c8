import { describe, expect, it } from 'vitest';
import { safeReturnTarget } from '../../src/http/return-target.ts';
import { FormSession } from '../support/form-session.ts';
import { useScene } from '../support/scene.ts';

const hosts = ['app.example.org', 'app.example.org:8443'];

const refused = [
  ...[
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\\/evil.example',
  ],
  ...['/%0aevil', '/%0bevil', '/%09/evil.example', '/%0d%0aSet-Cookie:a=b', '/%5cevil.example'],
  ...[
    '/%2f/evil.example',
    '/%2fevil.example',
    '/%20/evil.example',
    '/a%00',
    '/x%0d',
    '/x?y=%0a',
    '/x?y=\\',
  ],
  ...[
    '/\t/evil.example',
    ' /x',
    '/x y',
    '/x\n',
    '',
    'x',
    'evil.example',
    './x',
    '../x',
    '?x',
    '#x',
  ],
  ...['http://app.example.org/', 'https://evil.example/', 'https://app.example.org.evil.example/'],
  ...[
    'https://app.example.org@evil.example/',
    'https://user@app.example.org/',
    'https:/\\app.example.org',
  ],
  ...[
    'https://app.example.org:1/',
    'https://APP.example.org/',
    'https:app.example.org',
    '//app.example.org',
  ],
  ...[
    'https://app.example.org\\@evil.example',
    'https://app.example.org//evil.example',
    'javascript:alert(1)',
  ],
  ...['data:text/html,x', 'https://app.example.org/%0a', `/${'a'.repeat(2_000)}`, '/é'],
];

const accepted = [
  ...[
    '/',
    '/x',
    '/x/y?z=1&a=b%20c#part',
    '/a%20b',
    '/x?u=https://evil.example',
    '/@evil.example',
    '/:80',
    '/x//y',
  ],
  ...[
    'https://app.example.org',
    'https://app.example.org/',
    'https://app.example.org:8443/x?y=%20',
    'https://app.example.org?x',
  ],
];

describe('P43: nobody is sent to where an attacker wants', () => {
  it.each(refused)('%j is no return target', (target) => {
    expect(safeReturnTarget(target, hosts)).toBeNull();
  });

  it.each(accepted)('%j is one', (target) => {
    expect(safeReturnTarget(target, hosts)).toBe(target);
  });
});

describe('P43: the same on login, logout and escalation', () => {
  const scene = useScene({
    login: 'loginPage',
    routes: [{ exactPath: '/auth/escalate', endpoint: 'escalate' }],
    sections: { login: { home: '/start', returnHosts: hosts } },
  });
  const cases = [
    ['/deep?x=%20', '/deep?x=%20'],
    ['https://app.example.org/x', 'https://app.example.org/x'],
    ['//evil.example', '/start'],
    ['/%09/evil.example', '/start'],
    ['https://evil.example', '/start'],
  ] as const;

  it.each(cases)('a login with next=%s leads to %s', async (next, expected) => {
    const browser = new FormSession(scene.gateway.edge);
    await browser.get(`/auth/login?next=${encodeURIComponent(next)}`);
    const checked = await browser.logIn();
    expect(checked.status).toBe(303);
    const location = checked.value('location') ?? '';
    expect(location).toMatch(/^\/auth\/login\?back=/);
    const arrived = await browser.get(location);
    expect([arrived.status, arrived.value('location')]).toEqual([302, expected]);
  });

  it.each(cases)(
    'somebody logged in who asks for the page with next=%s goes to %s',
    async (next, expected) => {
      const browser = new FormSession(scene.gateway.edge);
      await browser.get('/auth/login');
      await browser.logIn();
      const answer = await browser.get(`/auth/login?next=${encodeURIComponent(next)}`);
      expect([answer.status, answer.value('location')]).toEqual([302, expected]);
    },
  );

  it.each(cases)('a logout with next=%s leads to %s', async (next, expected) => {
    const browser = new FormSession(scene.gateway.edge);
    await browser.get('/auth/login');
    await browser.logIn();
    const answer = await browser.post(`/auth/logout?next=${encodeURIComponent(next)}`, {});
    expect([answer.status, answer.value('location')]).toEqual([303, expected]);
  });

  it.each(cases)('an escalation with next=%s leads to %s', async (next, expected) => {
    const browser = new FormSession(scene.gateway.edge);
    await browser.get('/auth/login');
    await browser.logIn('admin', 'password');
    await browser.get(`/auth/escalate?next=${encodeURIComponent(next)}`);
    const answer = await browser.submit('/auth/escalate', { username: 'user1' });
    expect([answer.status, answer.value('location')]).toEqual([303, expected]);
  });
});
