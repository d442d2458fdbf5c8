import { describe, expect, it } from 'vitest';
import { chunked, never, raw, respond, slowly } from '../support/recording-upstream.ts';
import { request } from '../support/request.ts';
import { bothAnswers, useScene } from '../support/scene.ts';
import { waitFor } from '../support/wait-for.ts';
import {
  acceptOf,
  agrees,
  frame,
  handshake,
  handshakeLines,
  sampleKey,
  switching,
} from '../support/web-socket.ts';

const key = `Sec-WebSocket-Key: ${sampleKey}`;
const webSocket = ['Upgrade: websocket', 'Sec-WebSocket-Version: 13', key];
const h2c = ['Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'];
const upgrade = 'Connection: Upgrade';
const wrongKey = (value: string): string[] => [
  upgrade,
  ...webSocket.slice(0, 2),
  `Sec-WebSocket-Key: ${value}`,
];

describe.each(bothAnswers)('P14: only a WebSocket is tunnelled, under %s', (answers) => {
  const scene = useScene({ answers });

  /** Others may be waiting in the pool. */
  async function latestClosed(): Promise<void> {
    const latest = scene.upstream.connections.at(-1);
    await waitFor('the upstream to be freed', () => latest?.left !== null || latest.isClosed);
  }

  it.each([
    ['h2c', 'GET', ['Connection: Upgrade, HTTP2-Settings', ...h2c]],
    ['h2c in a body', 'POST', ['Connection: Upgrade, HTTP2-Settings', ...h2c, 'Content-Length: 0']],
    ['a WebSocket by POST', 'POST', [upgrade, ...webSocket]],
    ['a WebSocket with a body', 'GET', [upgrade, ...webSocket, 'Content-Length: 0', 'X: y']],
    ['a WebSocket without a version', 'GET', [upgrade, 'Upgrade: websocket', key]],
    [
      'a WebSocket of another version',
      'GET',
      [upgrade, webSocket[0] ?? '', key, 'Sec-WebSocket-Version: 8'],
    ],
    ['a WebSocket with two versions', 'GET', [upgrade, ...webSocket, 'Sec-WebSocket-Version: 13']],
    ['a WebSocket without a key', 'GET', [upgrade, ...webSocket.slice(0, 2)]],
    ['a WebSocket with two keys', 'GET', [upgrade, ...webSocket, key]],
    ['a WebSocket with a short key', 'GET', wrongKey('c2hvcnQ=')],
    ['a WebSocket with a long key', 'GET', wrongKey('dGhlIHNhbXBsZSBub25jZSE=')],
    ['a WebSocket with a key that is no base64', 'GET', wrongKey('dGhlIHNhbXBsZSBub25jZQ=!')],
    [
      'a WebSocket whose key is nominated',
      'GET',
      ['Connection: Upgrade, Sec-WebSocket-Key', ...webSocket],
    ],
    ['TLS', 'GET', ['Connection: upgrade', 'Upgrade: TLS/1.0']],
    [
      'two at once',
      'GET',
      ['Connection: upgrade', 'Upgrade: websocket, h2c', ...webSocket.slice(1)],
    ],
    ['two fields', 'GET', ['Connection: upgrade', 'Upgrade: h2c', ...webSocket]],
    ['one without Connection', 'GET', webSocket],
  ])('an upgrade to %s is a plain request', async (kind, method, lines) => {
    const body = kind.includes('with a body') ? lines.toSpliced(4, 1, 'Content-Length: 1') : lines;
    const bytes = request(method, '/public/x', body, kind.includes('with a body') ? 'x' : '');
    const received = await scene.passes(bytes);
    for (const name of ['upgrade', 'http2-settings'])
      expect(received.values(name), name).toEqual([]);
    expect(received.values('connection').join().toLowerCase()).not.toContain('upgrade');
  });

  it('HTTP/1.0 cannot ask for one', async () => {
    const bytes = handshake('/public/x').replace('HTTP/1.1', 'HTTP/1.0');
    expect((await scene.passes(bytes)).values('upgrade')).toEqual([]);
  });

  it('a handshake goes upstream whole, once, with a Connection of ours', async () => {
    scene.upstream.answer = agrees();
    await using client = await scene.connect();
    const lines = [
      'Sec-WebSocket-Protocol: one, two',
      'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
    ];
    client.write(handshake('/public/x?a=b?c&|', lines));
    expect(await client.informational()).toBe(101);
    const [received] = scene.forwarded();
    expect(received?.target).toBe('/public/x?a=b?c&|');
    expect(received?.values('connection')).toEqual(['Upgrade']);
    expect(received?.values('upgrade')).toEqual(['websocket']);
    expect(received?.values('x-request-id')).toHaveLength(1);
    expect(received?.values('host')).toEqual(['a']);
    for (const line of [...handshakeLines.slice(2), ...lines])
      expect(received?.head).toContain(line);
  });

  it('the 101 has the fields of the upstream, but none of the connection and none of ours', async () => {
    const fields =
      'Sec-WebSocket-Protocol: two\r\nX-App: stays\r\nKeep-Alive: 9\r\nX-UserInfo: admin\r\n' +
      'Set-Cookie: portcullis=theirs\r\nSet-Cookie: app=1\r\n';
    scene.upstream.answer = agrees(fields);
    await using client = await scene.connect();
    client.write(handshake('/public/x'));
    await waitFor('the 101', () => client.pending.includes('\r\n\r\n'));
    const head = client.pending.toString('latin1').toLowerCase();
    expect(head).toContain(`sec-websocket-accept: ${acceptOf(sampleKey).toLowerCase()}\r\n`);
    expect(head).toContain('sec-websocket-protocol: two\r\n');
    expect(head).toContain('x-app: stays\r\n');
    expect(head).toContain('set-cookie: app=1\r\n');
    for (const gone of ['keep-alive', 'x-userinfo', 'portcullis='])
      expect(head).not.toContain(gone);
  });

  it('bytes go both ways as they are, also those that come with the 101', async () => {
    scene.upstream.answer = agrees('', frame(1, 'first'));
    await using client = await scene.connect();
    client.write(handshake('/public/x'));
    expect(await client.informational()).toBe(101);
    await waitFor('the first frame', () => client.pending.equals(frame(1, 'first')));
    const sent = frame(2, Buffer.from([0, 255, 13, 10, 13, 10]), { mask: Buffer.from('mask') });
    client.write(sent);
    await scene.upstream.requestBytes(sent.toString('latin1'));
  });

  it('bytes behind the handshake, in one piece with it, are 400', async () => {
    await scene.refuses(
      handshake('/public/x') + request('GET', '/admin', ['X-UserInfo: admin']),
      400,
    );
  });

  it('bytes before the answer are 400, and the upstream is freed', async () => {
    scene.upstream.answer = never();
    await using client = await scene.connect();
    client.write(handshake('/public/x'));
    await waitFor('the handshake upstream', () => scene.forwarded().length === 1);
    client.write('GET /admin HTTP/1.1\r\nHost: a\r\n\r\n');
    const response = await client.response();
    expect(response.status).toBe(400);
    expect(response.value('connection')).toBe('close');
    expect(await client.closed()).toBe('end');
    await latestClosed();
    expect(scene.upstream.connections.some((one) => one.text().includes('/admin'))).toBe(false);
  });

  it.each([
    ['no Accept', switching().replace(/Sec-WebSocket-Accept: .*\r\n/, '')],
    ['a wrong Accept', switching().replace(acceptOf(sampleKey), acceptOf('another'))],
    ['two Accepts', switching(sampleKey, `Sec-WebSocket-Accept: ${acceptOf('another')}\r\n`)],
    ['another protocol', switching().replace('Upgrade: websocket', 'Upgrade: h2c')],
    ['no Connection', switching().replace('Connection: Upgrade\r\n', '')],
  ])('a 101 with %s is 502, and nothing flows', async (_kind, answer) => {
    scene.upstream.answer = raw(`${answer}frames`);
    await using client = await scene.connect();
    client.write(handshake('/public/x'));
    const response = await client.response();
    expect(response.status).toBe(502);
    expect(response.text()).not.toContain('frames');
    await latestClosed();
  });

  it('a 101 that nobody asked for is 502, and nothing flows after it', async () => {
    scene.upstream.answer = raw(`${switching()}frames`);
    await using client = await scene.connect();
    client.write(request('GET', '/public/x'));
    const response = await client.response();
    expect(response.status).toBe(502);
    expect(response.text()).not.toContain('frames');
    await latestClosed();
  });

  it.each([
    ['a length', respond(404, [['X-App', 'yes']], 'not here')],
    ['chunks', chunked(['not ', 'here'], [['X-App', 'yes']])],
  ])('another answer than 101, with %s, is passed on and is the last', async (_kind, answer) => {
    scene.upstream.answer = answer;
    await using client = await scene.connect();
    client.write(handshake('/public/x'));
    const response = await client.response();
    expect([404, 200]).toContain(response.status);
    expect(response.value('x-app')).toBe('yes');
    expect(response.value('connection')).toBe('close');
    expect(response.text()).toBe('not here');
    expect(await client.closed()).toBe('end');
    await latestClosed();
  });

  it('an answer without a body has none, however the library frames it', async () => {
    scene.upstream.answer = raw('HTTP/1.1 204 No Content\r\nX-App: yes\r\n\r\n');
    await using client = await scene.connect();
    client.write(handshake('/public/x'));
    const response = await client.response();
    expect(response.status).toBe(204);
    expect(response.values('transfer-encoding')).toEqual([]);
    await client.closed();
    expect(client.pending.length).toBe(0);
  });

  it('an answer that breaks off is not finished by us', async () => {
    scene.upstream.answer = async (turn) => {
      await slowly('HTTP/1.1 403 Forbidden\r\nContent-Length: 10\r\n\r\nhalf', 20, '')(turn);
      turn.connection.socket.destroy();
    };
    await using client = await scene.connect();
    client.write(handshake('/public/x'));
    await client.closed();
    expect(client.pending.toString('latin1')).toMatch(/half$/);
  });
});
