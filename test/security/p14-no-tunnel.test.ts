import { describe, expect, it } from 'vitest';
import { raw } from '../support/recording-upstream.ts';
import { request } from '../support/request.ts';
import { bothAnswers, useScene } from '../support/scene.ts';

const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
const webSocket = ['Upgrade: websocket', 'Sec-WebSocket-Version: 13', key];
const h2c = ['Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'];

describe.each(bothAnswers)('P14: nothing is tunnelled, under %s', (answers) => {
  const scene = useScene({ answers });

  it.each([
    ['h2c', 'GET', ['Connection: Upgrade, HTTP2-Settings', ...h2c]],
    ['h2c in a body', 'POST', ['Connection: Upgrade, HTTP2-Settings', ...h2c, 'Content-Length: 0']],
    ['a WebSocket', 'GET', ['Connection: Upgrade', ...webSocket]],
    ['a WebSocket by POST', 'POST', ['Connection: Upgrade', ...webSocket]],
    ['a WebSocket of another version', 'GET', ['Connection: Upgrade', 'Upgrade: websocket']],
    ['TLS', 'GET', ['Connection: upgrade', 'Upgrade: TLS/1.0']],
    ['two at once', 'GET', ['Connection: upgrade', 'Upgrade: websocket, h2c']],
    ['two fields', 'GET', ['Connection: upgrade', 'Upgrade: h2c', 'Upgrade: websocket']],
    ['one without Connection', 'GET', ['Upgrade: websocket']],
  ])('an upgrade to %s is a plain request', async (_kind, method, lines) => {
    const received = await scene.passes(request(method, '/public/x', lines));
    for (const name of ['upgrade', 'http2-settings'])
      expect(received.values(name), name).toEqual([]);
    expect(received.values('connection').join().toLowerCase()).not.toContain('upgrade');
  });

  it('what follows is the next request, with its own check', async () => {
    const status = answers === 'modern' ? 401 : 403;
    scene.mark();
    await using client = await scene.connect();
    client.write(
      request('GET', '/public/x', ['Connection: Upgrade', ...webSocket]) +
        request('GET', '/admin', ['X-UserInfo: admin']),
    );
    const responses = await client.responses(2);
    expect(responses.map((response) => response.status)).toEqual([200, status]);
    expect(scene.forwarded().map((received) => received.target)).toEqual(['/public/x']);
  });

  it('a 101 that nobody asked for is 502, and nothing flows after it', async () => {
    scene.upstream.answer = raw(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nframes',
    );
    await using client = await scene.connect();
    client.write(request('GET', '/public/x', ['Connection: Upgrade', ...webSocket]));
    const response = await client.response();
    expect(response.status).toBe(502);
    expect(response.text()).not.toContain('frames');
    await scene.upstream.allClosed();
  });
});
