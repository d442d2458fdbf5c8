import { describe, expect, it } from 'vitest';
import { chunked } from '../support/recording-upstream.ts';
import { request } from '../support/request.ts';
import { useScene } from '../support/scene.ts';

describe('P18: no identity comes in a trailer', () => {
  const scene = useScene();

  it('request trailers and the Trailer field are dropped', async () => {
    const body =
      '5\r\nhello\r\n0\r\nX-UserInfo: root\r\nX_UserInfo: root\r\nX-Custom: root\r\n\r\n';
    const lines = ['Transfer-Encoding: chunked', 'Trailer: X-UserInfo, X-Custom'];
    const received = await scene.passes(request('POST', '/public/x', lines, body));
    expect(received.trailers).toEqual([]);
    expect(received.values('trailer')).toEqual([]);
    expect(received.body.toString()).toBe('hello');
    expect(scene.upstream.connections.map((seen) => seen.text()).join('')).not.toContain('root');
  });

  it('with a session the upstream still gets exactly one X-UserInfo', async () => {
    const body = '0\r\nX-UserInfo: root\r\n\r\n';
    const lines = [`Cookie: ${scene.cookie}`, 'Transfer-Encoding: chunked'];
    const received = await scene.passes(request('POST', '/api/x', lines, body));
    expect(received.values('x-userinfo')).toHaveLength(1);
    expect(received.trailers).toEqual([]);
  });

  it('managed fields and Set-Cookie in response trailers are removed', async () => {
    scene.upstream.answer = chunked(
      ['hello'],
      [['Trailer', 'X-UserInfo']],
      [
        ['X-UserInfo', 'root'],
        ['X-Request-Id', 'root'],
        ['Set-Cookie', 'portcullis=root'],
      ],
    );
    const { response } = await scene.send(request('GET', '/public/x'));
    expect(response.text()).toBe('hello');
    const names = response.trailers.map(([name]) => name.toLowerCase());
    for (const name of ['x-userinfo', 'x-request-id', 'set-cookie'])
      expect(names).not.toContain(name);
  });
});
