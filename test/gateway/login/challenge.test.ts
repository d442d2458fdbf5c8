import { describe, expect, it } from 'vitest';
import { request } from '../../support/request.ts';
import { useScene } from '../../support/scene.ts';

const html =
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/jxl,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7';
const any = 'Accept: */*';
const fetched = (mode: string, dest: string, site = 'same-origin'): string[] => [
  `Sec-Fetch-Site: ${site}`,
  `Sec-Fetch-Mode: ${mode}`,
  `Sec-Fetch-Dest: ${dest}`,
];
const origin = 'Origin: http://a';
const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];

type Decision = 'redirect' | 'page' | 'json';

/** The fields that Chromium 156 was seen to send, and those of other clients as they document them. */
const table: readonly (readonly [
  who: string,
  method: string,
  lines: readonly string[],
  Decision,
])[] = [
  [
    'Chromium: the address bar',
    'GET',
    [html, ...fetched('navigate', 'document', 'none'), 'Sec-Fetch-User: ?1'],
    'redirect',
  ],
  [
    'Chromium: a link',
    'GET',
    [html, ...fetched('navigate', 'document'), 'Sec-Fetch-User: ?1'],
    'redirect',
  ],
  [
    'Chromium: a link on another site',
    'GET',
    [html, ...fetched('navigate', 'document', 'cross-site')],
    'redirect',
  ],
  [
    'Chromium: a form that posts',
    'POST',
    [html, ...fetched('navigate', 'document'), origin, 'Content-Length: 0'],
    'page',
  ],
  ['Chromium: a frame', 'GET', [html, ...fetched('navigate', 'iframe')], 'page'],
  ['Chromium: an object', 'GET', [html, ...fetched('navigate', 'object')], 'page'],
  [
    'Chromium: a prefetch',
    'GET',
    [html, ...fetched('no-cors', 'empty'), 'Sec-Purpose: prefetch'],
    'json',
  ],
  [
    'Chromium: a picture',
    'GET',
    ['Accept: image/avif,image/webp,*/*;q=0.8', ...fetched('no-cors', 'image')],
    'json',
  ],
  ['Chromium: a script', 'GET', [any, ...fetched('no-cors', 'script')], 'json'],
  ['Chromium: fetch', 'GET', [any, ...fetched('cors', 'empty')], 'json'],
  ['Chromium: fetch for HTML', 'GET', ['Accept: text/html', ...fetched('cors', 'empty')], 'json'],
  [
    'Chromium: fetch that posts',
    'POST',
    [any, ...fetched('cors', 'empty'), origin, 'Content-Length: 0'],
    'json',
  ],
  [
    'Chromium: XHR',
    'GET',
    [any, ...fetched('cors', 'empty'), 'X-Requested-With: XMLHttpRequest'],
    'json',
  ],
  [
    'Chromium: a preflight',
    'OPTIONS',
    [any, ...fetched('cors', 'empty', 'cross-site'), origin, 'Access-Control-Request-Method: PUT'],
    'json',
  ],
  ['Chromium: events', 'GET', ['Accept: text/event-stream', ...fetched('cors', 'empty')], 'json'],
  ['Chromium: a WebSocket', 'GET', [...upgrade, origin], 'json'],
  [
    'Chromium: a WebSocket over TLS',
    'GET',
    [...upgrade, origin, ...fetched('websocket', 'websocket')],
    'json',
  ],
  ['a browser without Sec-Fetch: a link', 'GET', [html], 'redirect'],
  ['a browser without Sec-Fetch: HEAD', 'HEAD', [html], 'redirect'],
  [
    'a browser without Sec-Fetch: a form that posts',
    'POST',
    [html, origin, 'Content-Length: 0'],
    'page',
  ],
  ['a browser without Sec-Fetch: XHR', 'GET', [any, 'X-Requested-With: XMLHttpRequest'], 'json'],
  [
    'jQuery that wants HTML',
    'GET',
    ['Accept: text/html, */*; q=0.01', 'X-Requested-With: XMLHttpRequest'],
    'json',
  ],
  ['a browser without Sec-Fetch: a WebSocket', 'GET', [html, ...upgrade], 'json'],
  ['curl', 'GET', [any, 'User-Agent: curl/8.14.1'], 'json'],
  ['curl -I', 'HEAD', [any, 'User-Agent: curl/8.14.1'], 'json'],
  ['curl -d', 'POST', [any, 'User-Agent: curl/8.14.1', 'Content-Length: 0'], 'json'],
  ['a program that wants JSON', 'GET', ['Accept: application/json'], 'json'],
  ['a program that says nothing', 'GET', [], 'json'],
  ['a program that deletes', 'DELETE', [html], 'page'],
];

describe('somebody without a session', () => {
  const scene = useScene({ login: 'loginPage' });

  it.each(table)('%s: %s', async (_who, method, lines, decision) => {
    const { response, forwarded } = await scene.send(request(method, '/deep/link?a=b%20c', lines));
    expect(forwarded).toEqual([]);
    expect(response.value('cache-control')).toBe('no-store');
    if (decision === 'redirect') {
      expect(response.status).toBe(302);
      expect(response.value('location')).toBe('/auth/login?next=%2Fdeep%2Flink%3Fa%3Db%2520c');
      return;
    }
    expect(response.status).toBe(401);
    expect(response.value('www-authenticate')).toBe('Cookie realm="portcullis"');
    expect(response.value('location')).toBeUndefined();
    const type = decision === 'page' ? 'text/html; charset=utf-8' : 'application/json';
    expect(response.value('content-type')).toBe(type);
    if (decision === 'json' && method !== 'HEAD') {
      expect(JSON.parse(response.text())).toEqual({
        error: 'unauthenticated',
        login_url: '/auth/login',
      });
    }
  });

  it('whose session has ended is told so on the login page, and the cookie goes', async () => {
    const lines = [html, 'Cookie: portcullis=gone'];
    const { response } = await scene.send(request('GET', '/x', lines));
    expect(response.value('location')).toBe('/auth/login?next=%2Fx&ended=1');
    expect(response.value('set-cookie')).toMatch(/^portcullis=; /);
  });

  it('is not sent away from a logout', async () => {
    const { response } = await scene.send(request('GET', '/auth/logout', [html]));
    expect(response.status).toBe(200);
    expect(response.text()).toContain('You are logged out');
  });

  it('does not take a way back that is longer than any link', async () => {
    const { response } = await scene.send(request('GET', `/${'a'.repeat(3_000)}`, [html]));
    expect(response.value('location')).toBe('/auth/login');
  });
});

describe('where a host has no login page', () => {
  const scene = useScene({ routes: [{ host: 'b', exactPath: '/in', endpoint: 'loginPage' }] });

  it('nobody is sent to it', async () => {
    const { response } = await scene.send(request('GET', '/x', [html]));
    expect(response.status).toBe(401);
    expect(response.text()).toContain('Please log in');
    const other = await scene.send(`GET /x HTTP/1.1\r\nHost: b\r\n${html}\r\n\r\n`);
    expect(other.response.value('location')).toBe('/in?next=%2Fx');
  });
});

describe('under the answers of Tyke', () => {
  const scene = useScene({ answers: 'tyke' });

  it.each(table)('there are no pages and no redirects: %s', async (_who, method, lines) => {
    const { response } = await scene.send(request(method, '/x', lines));
    expect(response.status).toBe(403);
    expect(response.value('content-type')).toBe('text/plain; charset=UTF-8');
  });
});
