import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Gateway } from '../../support/gateway.ts';
import { logIn, type Login } from '../../support/login.ts';
import { ask, type RawResponse } from '../../support/raw-client.ts';
import { ok, RecordingUpstream } from '../../support/recording-upstream.ts';
import { request } from '../../support/request.ts';

let upstream: RecordingUpstream;
let gateway: Gateway;
let member: Login;
let staff: Login;

beforeAll(async () => {
  upstream = await RecordingUpstream.start({ answer: ok() });
  gateway = await Gateway.planned({
    upstreamPorts: [upstream.port],
    routes: [
      {
        path: '/api',
        endpoint: 'keyval',
        auth: 'session',
        require: { roles: ['staffuser'] },
        keyval: { write: true, zones: ['flags'] },
      },
      { path: '/read/', host: 'a', endpoint: 'keyval', auth: 'none' },
    ],
    sections: { zones: { flags: {}, hidden: { timeout: '1h' } } },
  });
  member = await logIn(gateway.edge);
  staff = await logIn(gateway.edge, 'admin', 'password');
});

afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

function call(
  method: string,
  path: string,
  login: Login | null,
  body = '',
  lines: readonly string[] = [],
): Promise<RawResponse> {
  const fields = [
    ...(login === null ? [] : [`Cookie: ${login.cookie}`]),
    ...(body === '' ? [] : [`Content-Length: ${String(body.length)}`]),
  ];
  return ask(gateway.edge, request(method, path, [...fields, ...lines, 'Connection: close'], body));
}

describe('the keyval API behind a session', () => {
  const path = '/api/9/http/keyvals/flags';

  it('is for those whom the route lets in', async () => {
    expect((await call('GET', path, null)).status).toBe(401);
    expect((await call('GET', path, member)).status).toBe(403);
    expect((await call('POST', path, staff, '{"a":"1"}')).status).toBe(201);
    expect((await call('GET', path, staff)).text()).toBe('{"a":"1"}');
  });

  it('changes nothing for a page of somebody else', async () => {
    const origin = ['Origin: https://evil.example'];
    expect((await call('DELETE', path, staff, '', origin)).status).toBe(403);
    expect(
      (await call('PATCH', path, staff, '{"a":"2"}', ['Sec-Fetch-Site: cross-site'])).status,
    ).toBe(403);
    expect((await call('GET', path, staff)).text()).toBe('{"a":"1"}');
    const own = ['Sec-Fetch-Site: same-origin'];
    expect((await call('PATCH', path, staff, '{"a":"2"}', own)).status).toBe(204);
  });

  it('changes nothing after a logout', async () => {
    const gone = await logIn(gateway.edge, 'admin', 'password');
    await call('POST', '/auth/logout', gone);
    expect((await call('DELETE', path, gone)).status).toBe(401);
    expect((await call('GET', path, staff)).text()).toBe('{"a":"2"}');
  });

  it('shows the zones that it is told to show', async () => {
    const all = await call('GET', '/api/9/http/keyvals', staff);
    expect(JSON.parse(all.text())).toEqual({ flags: { a: '2' } });
    expect((await call('GET', '/api/9/http/keyvals/hidden', staff)).status).toBe(404);
    expect((await call('GET', '/read/9/http/keyvals/hidden', null)).text()).toBe('{}');
  });

  it('takes no time for an entry of a zone that has none', async () => {
    const timed = await call('POST', path, staff, '{"b":{"value":"1","expire":500}}');
    expect([timed.status, timed.text()]).toEqual([
      400,
      expect.stringContaining('KeyvalFormatError'),
    ]);
    expect((await call('PATCH', path, staff, '{"a":{"value":"3"}}')).status).toBe(204);
  });

  it('is read-only unless it is said to be more', async () => {
    const refused = await call('DELETE', '/read/9/http/keyvals/flags', null);
    expect([refused.status, refused.text()]).toEqual([
      405,
      expect.stringContaining('MethodDisabled'),
    ]);
  });

  it('is kept by nobody on the way', async () => {
    const shown = await call('GET', path, staff);
    expect(shown.value('cache-control')).toBe('no-store');
    expect(shown.value('content-type')).toBe('application/json');
  });
});
