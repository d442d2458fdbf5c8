import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { request } from '../../support/request.ts';
import { useScene } from '../../support/scene.ts';

describe('a message in two pieces', () => {
  const scene = useScene();

  it.each([
    ['with a length', request('POST', '/api/x?y', ['A: b', 'Content-Length: 5', 'C: d'], 'hello')],
    [
      'in chunks',
      request(
        'PUT',
        '/api/x?y',
        ['Transfer-Encoding: chunked'],
        '2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nT: u\r\n\r\n',
      ),
    ],
  ])('is one request %s, wherever the border is', async (_kind, plain) => {
    const bytes = plain.replace('Host: a\r\n', `Host: a\r\nCookie: ${scene.cookie}\r\n`);
    await using client = await scene.connect();
    // Inside the token every border is like every other.
    const step = (at: number): number => (at > 60 && at < 150 ? 9 : 1);
    for (let at = 1; at < bytes.length; at += step(at)) {
      scene.mark();
      client.write(bytes.slice(0, at));
      await turn();
      await turn();
      const response = await client.write(bytes.slice(at)).response();
      expect(response.status, `border at ${String(at)}`).toBe(200);
      const [received] = scene.forwarded();
      expect(received?.target).toBe('/api/x?y');
      expect(received?.body.toString()).toBe('hello');
    }
  });

  it.each([
    ['with a length', 'HTTP/1.1 201 Made\r\nX-A: b\r\nContent-Length: 5\r\n\r\nhello'],
    [
      'in chunks',
      'HTTP/1.1 201 Made\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n',
    ],
    [
      'after two 103',
      `${'HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n'.repeat(2)}HTTP/1.1 201 Made\r\nX-A: b\r\nContent-Length: 5\r\n\r\nhello`,
    ],
  ])('is one answer %s, wherever the border is', async (_kind, bytes) => {
    await using client = await scene.connect();
    for (let at = 1; at < bytes.length; at++) {
      scene.upstream.answer = async ({ connection }) => {
        connection.write(bytes.slice(0, at));
        await turn();
        await turn();
        connection.write(bytes.slice(at));
      };
      const response = await client.write(request('GET', '/public/x')).response();
      expect(response.startLine, `border at ${String(at)}`).toBe('HTTP/1.1 201 Made');
      expect(response.value('x-a')).toBe('b');
      expect(response.text()).toBe('hello');
    }
  });

  it('may come together with its neighbours in any grouping', async () => {
    const three =
      request('GET', '/public/1') +
      request('POST', '/public/2', ['Content-Length: 2'], 'hi') +
      request('GET', '/public/3');
    await using client = await scene.connect();
    for (let size = 1; size < three.length; size += 7) {
      scene.mark();
      for (let at = 0; at < three.length; at += size) {
        client.write(three.slice(at, at + size));
        await turn();
      }
      const statuses = (await client.responses(3)).map((response) => response.status);
      expect(statuses, `pieces of ${String(size)}`).toEqual([200, 200, 200]);
      const targets = scene.forwarded().map((received) => received.target);
      expect(targets).toEqual(['/public/1', '/public/2', '/public/3']);
    }
  });
});
