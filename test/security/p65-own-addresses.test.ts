import { describe, expect, it } from 'vitest';
import { FormSession } from '../support/form-session.ts';
import { request } from '../support/request.ts';
import { useScene } from '../support/scene.ts';

const navigation = ['Sec-Fetch-Mode: navigate', 'Accept: text/html'];
const lies = [
  ['X-Forwarded-Host: evil.example'],
  ['Forwarded: host=evil.example;proto=https'],
  ['X-Forwarded-Proto: https', 'X-Forwarded-Port: 444'],
  ['X-Original-Url: https://evil.example/', 'X-Rewrite-Url: //evil.example'],
  ['Referer: https://evil.example/'],
];

describe('P65: no address of ours is made of what a client says', () => {
  const scene = useScene({ login: 'loginPage' });

  it.each(lies)('neither in a redirect nor in JSON: %s %s', async (...lines) => {
    const { response } = await scene.send(request('GET', '/x?y', [...navigation, ...lines]));
    expect(response.status).toBe(302);
    expect(response.value('location')).toBe('/auth/login?next=%2Fx%3Fy');
    const api = await scene.send(request('GET', '/x', lines));
    expect(JSON.parse(api.response.text())).toEqual({
      error: 'unauthenticated',
      login_url: '/auth/login',
    });
  });

  it('nor of Host, also after the login', async () => {
    const host = 'GET /x HTTP/1.1\r\nHost: evil.example\r\nAccept: text/html\r\n\r\n';
    expect((await scene.send(host)).response.value('location')).toBe('/auth/login?next=%2Fx');
    const browser = new FormSession(scene.gateway.edge);
    await browser.get('/auth/login?next=/x');
    const answer = await browser.logIn();
    expect(answer.value('location')).toMatch(/^\/auth\/login\?back=[\w.-]+$/);
  });
});

describe('P65: an address elsewhere is the one that is configured', () => {
  const url = 'https://www.example.org/auth/login';
  const scene = useScene({
    edge: { trustedPeers: ['127.0.0.1/32'] },
    routes: [{ exactPath: '/validate', endpoint: 'validate' }],
    sections: { login: { url } },
  });

  it.each([[], ...lies])(
    'for navigations, for programs and for proxies: %s %s',
    async (...lines) => {
      const page = await scene.send(request('GET', '/x', [...navigation, ...lines]));
      expect([page.response.status, page.response.value('location')]).toEqual([302, url]);
      const api = await scene.send(request('GET', '/x', lines));
      expect(JSON.parse(api.response.text())).toMatchObject({ login_url: url });
      // A proxy hands on its client's fields, and gets 401 all the same.
      const proxy = await scene.send(request('GET', '/validate', [...navigation, ...lines]));
      expect([proxy.response.status, proxy.response.value('location')]).toEqual([401, url]);
      expect(proxy.response.value('www-authenticate')).toBeDefined();
    },
  );
});
