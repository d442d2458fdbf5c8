import { chunk, lastChunk } from './request.ts';
import { handshakeLines, sampleKey } from './web-socket.ts';

/** Whose request it is. `ended`: somebody who has logged out; `forged`: a token that nobody gave. */
export type Somebody = 'nobody' | 'user1' | 'user2' | 'admin' | 'ended' | 'forged' | 'both';

/** One well-formed request that a client may send, whoever stands in front. */
export interface SidecarCase {
  readonly name: string;
  readonly method: string;
  readonly target: string;
  readonly by: Somebody;
  readonly lines: readonly string[];
  readonly body: string;
  /** The row of the table in docs/sidecar.md that says what each front makes of it; else all decide as the edge. */
  readonly row: string | null;
}

type More = Partial<Pick<SidecarCase, 'lines' | 'body' | 'row'>>;

const one = (
  name: string,
  by: Somebody,
  method: string,
  target: string,
  more: More = {},
): SidecarCase => ({ name, by, method, target, lines: [], body: '', row: null, ...more });

const sized = (body: string): More => ({ lines: [`Content-Length: ${String(body.length)}`], body });
const chunked = (...pieces: readonly string[]): More => ({
  lines: ['Transfer-Encoding: chunked'],
  body: pieces.map((piece) => chunk(piece)).join('') + lastChunk,
});
const spoofed = (name: string, ...lines: readonly string[]): SidecarCase =>
  one(`identity spelled ${name}`, 'user1', 'GET', '/spoofed', { lines });

const navigation: readonly string[] = [
  'Accept: text/html,application/xhtml+xml',
  'Sec-Fetch-Mode: navigate',
  'Sec-Fetch-Dest: document',
  'Sec-Fetch-Site: none',
];
const script = ['Accept: application/json', 'Sec-Fetch-Mode: cors', 'Sec-Fetch-Site: same-origin'];
const own = 'Origin: http://app.example';
const foreign = 'Origin: http://evil.example';
const outlandish = ['Connection: Upgrade', 'Upgrade: h2c'];

/** While the store answers. */
export const sidecarCases: readonly SidecarCase[] = [
  ...['GET', 'HEAD', 'DELETE', 'OPTIONS', 'PROPFIND'].map((method) =>
    one(`${method} with a session`, 'user1', method, '/x'),
  ),
  ...['POST', 'PUT', 'PATCH'].map((method) =>
    one(`${method} with a body`, 'user1', method, '/x?y=1', sized('a=1&b=2')),
  ),
  one('POST without a body', 'user1', 'POST', '/x', sized('')),
  one('POST in chunks', 'user1', 'POST', '/x', chunked('first', 'second')),
  one('POST of 100 kB', 'user1', 'POST', '/x', sized('x'.repeat(100_000))),
  one('DELETE with a body', 'user1', 'DELETE', '/x', sized('abc')),
  one('POST with a body and no session', 'nobody', 'POST', '/x', sized('abc')),
  one('another user', 'user2', 'GET', '/x'),
  one('cookies of the application', 'user1', 'GET', '/x', { lines: ['Cookie: a=1; b="2"'] }),
  one('Authorization beside the session', 'user1', 'GET', '/x', {
    lines: ['Authorization: Basic dXNlcjpwYXNz'],
  }),

  one('no session', 'nobody', 'GET', '/x'),
  one('no session, a page', 'nobody', 'GET', '/x?y=1&z=%2f', { lines: navigation }),
  one('no session, HEAD of a page', 'nobody', 'HEAD', '/x', { lines: navigation }),
  one('no session, a form of a page', 'nobody', 'POST', '/x', {
    ...sized(''),
    lines: [...navigation, 'Content-Length: 0'],
  }),
  one('no session, a script', 'nobody', 'GET', '/x', { lines: script }),
  one('no session, cookies of the application', 'nobody', 'GET', '/x', { lines: ['Cookie: a=1'] }),
  one('a forged session', 'forged', 'GET', '/x'),
  one('a forged session, a page', 'forged', 'GET', '/x', { lines: navigation }),
  one('a session that has ended', 'ended', 'GET', '/x'),
  one('a session that has ended, a page', 'ended', 'GET', '/x', { lines: navigation }),
  one('two sessions', 'both', 'GET', '/x'),
  one('Bearer where sessions count', 'nobody', 'GET', '/x', { lines: ['Authorization: Bearer x'] }),

  one('wrong role', 'user1', 'GET', '/staff/x'),
  one('wrong role, a page', 'user1', 'GET', '/staff/x', { lines: navigation }),
  one('wrong role, POST', 'user2', 'POST', '/staff/x', sized('abc')),
  one('right role', 'admin', 'GET', '/staff/x'),
  one('right role, POST', 'admin', 'POST', '/staff/x', sized('abc')),
  one('nobody is asked for', 'nobody', 'GET', '/public/x'),
  one('nobody is asked for, with a session', 'user1', 'GET', '/public/x'),
  one('nobody is asked for, spoofed', 'nobody', 'GET', '/public/x', {
    lines: ['X-UserInfo: root', 'x-userinfo: root', 'X_UserInfo: root'],
  }),

  spoofed('X-UserInfo', 'X-UserInfo: root'),
  spoofed('X-UserInfo, twice', 'X-UserInfo: root', 'x-userinfo: root'),
  spoofed('X_UserInfo', 'X_UserInfo: root'),
  spoofed('X.UserInfo', 'X.UserInfo: root'),
  spoofed('X~UserInfo', 'X~UserInfo: root'),
  spoofed('x_userinfo and X-USERINFO', 'x_userinfo: root', 'X-USERINFO: root'),
  spoofed('and named in Connection', 'X-UserInfo: root', 'Connection: X-UserInfo'),
  spoofed('as a forwarded one', 'X-Forwarded-User: root', 'X-Original-URL: /root'),
  one('a description of another request', 'user1', 'GET', '/staff/x', {
    lines: [
      ...['X-Forwarded-Uri: /public/root', 'X-Forwarded-Method: OPTIONS'],
      ...['X-Original-URL: http://app.example/public/root', 'X-Forwarded-Host: root.example'],
    ],
  }),
  one('a client that is said to be another', 'user1', 'GET', '/x', {
    lines: ['X-Forwarded-For: 198.51.100.9', 'X-Real-IP: 198.51.100.9', 'Forwarded: for=root'],
  }),

  ...['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override', 'x_http_method_override'].map(
    (name) =>
      one(`${name} where methods count`, 'nobody', 'GET', '/read/x', {
        lines: [`${name}: rooted`],
      }),
  ),
  one('X-HTTP-Method-Override where none is named', 'user1', 'POST', '/x', {
    lines: ['X-HTTP-Method-Override: rooted', 'Content-Length: 0'],
  }),
  one('Proxy', 'nobody', 'GET', '/public/x', { lines: ['Proxy: http://root.example:3128'] }),
  ...['User', 'Email', 'Groups', 'Preferred-Username', 'Access-Token'].map((name) =>
    one(`X-Forwarded-${name}`, 'nobody', 'GET', '/public/x', {
      lines: [`X-Forwarded-${name}: root`],
    }),
  ),
  one('the field of a token, with a session', 'user1', 'GET', '/x', {
    lines: ['X-Authkey: root'],
  }),
  one('the field of a token', 'nobody', 'GET', '/public/x', { lines: ['X-Authkey: root'] }),

  one('a path with parameters', 'user1', 'GET', '/a;b=1/c'),
  one('a path with escapes that it needs', 'user1', 'GET', '/a%20b/%C3%A9'),
  one('a query of all kinds', 'user1', 'GET', '/x?a=%2f&b=c%20d&&e=//../&f=%'),
  one('identity in a trailer', 'user1', 'POST', '/spoofed', {
    lines: ['Transfer-Encoding: chunked', 'Trailer: X-UserInfo', 'TE: trailers'],
    body: `${chunk('abc')}0\r\nX-UserInfo: root\r\n\r\n`,
    row: 'fields behind the body',
  }),
  one('dots in the path', 'user1', 'GET', '/a/../x', { row: 'not canonical' }),
  one('a dot in the path', 'user1', 'GET', '/a/./x', { row: 'not canonical' }),
  one('an empty segment', 'user1', 'GET', '/a//x', { row: 'not canonical' }),
  one('a needless escape', 'user1', 'GET', '/%61/x', { row: 'not canonical' }),
  one('a slash in disguise', 'user1', 'GET', '/public%2fx', { row: 'no canonical form' }),
  one('a backslash in disguise', 'user1', 'GET', '/public%5cx', { row: 'no canonical form' }),

  one('a WebSocket', 'user1', 'GET', '/ws', { lines: [...handshakeLines, own] }),
  one('a WebSocket without a session', 'nobody', 'GET', '/ws', { lines: [...handshakeLines, own] }),
  one('a WebSocket of a foreign page', 'user1', 'GET', '/ws', {
    lines: [...handshakeLines, foreign],
  }),
  one('a WebSocket of no page', 'user1', 'GET', '/ws', { lines: handshakeLines }),
  one('a WebSocket with an identity', 'user1', 'GET', '/ws', {
    lines: [...handshakeLines, own, 'X-UserInfo: root', 'X_UserInfo: root'],
  }),
  one('a WebSocket where none may be', 'user1', 'GET', '/plain/ws', {
    lines: [...handshakeLines, own],
    row: 'WebSockets off',
  }),
  one('a handshake of an old version', 'user1', 'GET', '/ws', {
    lines: [
      ...handshakeLines.slice(0, 2),
      own,
      'Sec-WebSocket-Version: 8',
      `Sec-WebSocket-Key: ${sampleKey}`,
    ],
    row: 'not a whole handshake',
  }),
  one('another upgrade', 'user1', 'GET', '/x', { lines: outlandish }),
  one('another upgrade without a session', 'nobody', 'GET', '/x', { lines: outlandish }),
];

/** While it does not. */
export const outageCases: readonly SidecarCase[] = [
  one('store out, with a session', 'user1', 'GET', '/x', { row: 'store out' }),
  one('store out, a page', 'user2', 'GET', '/x', { lines: navigation, row: 'store out' }),
  one('store out, no session', 'nobody', 'GET', '/x'),
  one('store out, nobody is asked for', 'nobody', 'GET', '/public/x'),
];
