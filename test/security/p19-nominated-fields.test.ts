import { describe, expect, it } from 'vitest';
import { itOnHttp1, itOnHttp2, lane } from '../support/lane.ts';
import { raw } from '../support/recording-upstream.ts';
import { request } from '../support/request.ts';
import { useScene } from '../support/scene.ts';
import { agrees, handshakeLines, pageOrigin } from '../support/web-socket.ts';

/** RFC 9113 §8.2.2: with one of these a request on HTTP/2 is malformed. */
const ofConnection = new Set(['Keep-Alive', 'Proxy-Connection', 'TE']);

describe('P19: nominated fields are removed before ours are added', () => {
  const scene = useScene();

  itOnHttp1.each([
    ['X-UserInfo', 'x-userinfo'],
    ['x-userinfo', 'x-userinfo'],
    ['X-Request-Id', 'x-request-id'],
    ['close, X-UserInfo', 'x-userinfo'],
    ['X-UserInfo, X-Request-Id, X-Forwarded-For', 'x-forwarded-for'],
  ])('Connection: %s takes none of ours away', async (value, name) => {
    const lines = [`Cookie: ${scene.cookie}`, `Connection: ${value}`];
    const received = await scene.passes(request('GET', '/api/x', lines));
    expect(received.values(name)).toHaveLength(1);
    expect(received.values('x-userinfo')).toEqual([expect.stringContaining('user1')]);
    expect(received.values('connection').join().toLowerCase()).toMatch(/^(keep-alive)?$/);
  });

  itOnHttp1(
    'a nominated field goes no further, in whichever of several Connection fields',
    async () => {
      const lines = [
        'Connection: X-One',
        'X-One: gone',
        'connection: keep-alive , x-TWO',
        'X-Two: gone',
      ];
      const received = await scene.passes(
        request('GET', '/public/x', [...lines, 'X-Three: stays']),
      );
      expect(received.head).not.toContain('gone');
      expect(received.values('x-three')).toEqual(['stays']);
    },
  );

  itOnHttp1('nominated cookies go no further, and ours counts all the same', async () => {
    const lines = [`Cookie: app=1; ${scene.cookie}`, 'Cookie: app=2', 'Connection: Cookie'];
    const received = await scene.passes(request('GET', '/api/x', lines));
    expect(received.values('cookie')).toEqual([]);
    expect(received.values('x-userinfo')).toEqual([expect.stringContaining('user1')]);
    const other = await scene.passes(request('GET', '/public/x', ['Cookie: a=1', 'Connection: x']));
    expect(other.values('cookie')).toEqual(['a=1']);
  });

  itOnHttp1('Connection cannot strip the framing of a body', async () => {
    const lines = ['Connection: Content-Length, Transfer-Encoding', 'Content-Length: 5'];
    const received = await scene.passes(request('POST', '/public/x', lines, 'hello'));
    expect(received.body.toString()).toBe('hello');
  });

  itOnHttp1('Connection cannot strip the Host', async () => {
    const received = await scene.passes(request('GET', '/public/x', ['Connection: Host']));
    expect(received.values('host')).toHaveLength(1);
  });

  it.each([
    'Keep-Alive: 9',
    'Proxy-Connection: keep-alive',
    'TE: gzip',
    'Proxy-Authorization: x',
    'Proxy: http://evil.example',
    'PROXY: http://evil.example',
  ])('the hop-by-hop field %s goes no further', async (line) => {
    const [name = ''] = line.split(':');
    const isRefused = lane === 'http2' && ofConnection.has(name);
    if (isRefused) {
      await scene.refuses(request('GET', '/public/x', [line]), 400);
      return;
    }
    const received = await scene.passes(request('GET', '/public/x', [line]));
    expect(received.values(name)).toEqual([]);
  });

  itOnHttp1.each(['X-UserInfo', 'X-Request-Id, X-Forwarded-For', 'Cookie, Origin, Host'])(
    'nor does Connection: Upgrade, %s in the handshake of a WebSocket',
    async (nominated) => {
      scene.upstream.answer = agrees();
      await using client = await scene.connect();
      const lines = handshakeLines.with(0, `Connection: Upgrade, ${nominated}`);
      const own = [
        ...lines,
        `Cookie: ${scene.cookie}`,
        `Origin: ${pageOrigin}`,
        'X-UserInfo: admin',
      ];
      client.write(request('GET', '/api/x', own));
      expect(await client.informational()).toBe(101);
      const [received] = scene.forwarded();
      expect(received?.values('x-userinfo')).toEqual([expect.stringContaining('user1')]);
      expect(received?.values('connection')).toEqual(['Upgrade']);
      for (const name of ['x-request-id', 'x-forwarded-for', 'host'])
        expect(received?.values(name), name).toHaveLength(1);
    },
  );

  itOnHttp2('Connection is malformed there', async () => {
    const lines = ['Connection: X-UserInfo', `Cookie: ${scene.cookie}`];
    await scene.refuses(request('GET', '/api/x', lines), 400);
  });

  it('the same holds for answers', async () => {
    scene.upstream.answer = raw(
      'HTTP/1.1 200 OK\r\nConnection: X-Inner\r\nX-Inner: gone\r\nKeep-Alive: timeout=9\r\n' +
        'Proxy-Connection: x\r\nProxy: x\r\nX-Outer: stays\r\nContent-Length: 2\r\n\r\nok',
    );
    const { response } = await scene.send(request('GET', '/public/x'));
    expect(response.values('x-inner')).toEqual([]);
    expect(response.values('keep-alive')).toEqual([]);
    expect(response.values('proxy-connection')).toEqual([]);
    expect(response.values('proxy')).toEqual([]);
    expect(response.value('x-outer')).toBe('stays');
    expect(response.text()).toBe('ok');
  });
});
