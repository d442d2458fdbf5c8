import { describe, expect, it } from 'vitest';
import { itOnHttp1 } from '../support/lane.ts';
import { respond } from '../support/recording-upstream.ts';
import { request } from '../support/request.ts';
import { bothAnswers, useScene } from '../support/scene.ts';

const fillers = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `a${String(index)}: b`);
const smuggled = 'GET /admin HTTP/1.1\r\nHost: a\r\n\r\n';

describe.each(bothAnswers)(
  'P2: more fields than allowed are refused, none is lost, under %s',
  (answers) => {
    const scene = useScene({ answers, edge: { limits: { headBytesMax: '64KiB' } } });

    it('a hundred fields pass, all of them', async () => {
      const received = await scene.passes(request('GET', '/public/a', fillers(99)));
      for (const line of fillers(99)) expect(received.head).toContain(`${line}\r\n`);
    });

    it('a hundred and one are 431', async () => {
      await scene.refuses(request('GET', '/public/a', fillers(100)), 431);
    });

    it.each(['GET', 'DELETE', 'OPTIONS', 'POST'])(
      '1005 fields before a length hide no body of %s',
      async (method) => {
        const lines = [...fillers(1005), `Content-Length: ${String(smuggled.length)}`];
        await scene.refuses(request(method, '/public/a', lines, smuggled), 431);
      },
    );

    itOnHttp1('1005 fields before a coding hide no body', async () => {
      const lines = [...fillers(1005), 'Transfer-Encoding: chunked'];
      await scene.refuses(request('GET', '/public/a', lines, `0\r\n\r\n${smuggled}`), 431);
    });
  },
);

describe('P2: the same holds for what an upstream answers', () => {
  const scene = useScene();
  const fields = (count: number): [string, string][] =>
    Array.from({ length: count }, (_, index) => [`a${String(index)}`, 'b']);

  it('a Set-Cookie behind 150 fields is not lost', async () => {
    scene.upstream.answer = respond(200, [...fields(150), ['Set-Cookie', 'app=1']], 'ok');
    const { response } = await scene.send(request('GET', '/public/a'));
    expect(response.status).toBe(200);
    expect(response.value('set-cookie')).toBe('app=1');
    expect(response.value('a149')).toBe('b');
  });

  it('more fields than allowed are 502, and the upstream connection goes', async () => {
    scene.upstream.answer = respond(200, [...fields(1005), ['Set-Cookie', 'app=1']], 'ok');
    const { response } = await scene.send(request('GET', '/public/a'));
    expect(response.status).toBe(502);
    await scene.upstream.allClosed();
  });
});

describe('P2: a head that is too large', () => {
  const scene = useScene();

  it('is 431 above 16 KiB', async () => {
    await scene.refuses(request('GET', '/public/a', [`a: ${'b'.repeat(16_384)}`]), 431);
  });

  itOnHttp1('is 431 although it never ends', async () => {
    await scene.refuses(`GET /public/a HTTP/1.1\r\nHost: a\r\na: ${'b'.repeat(20_000)}`, 431);
  });

  it('passes just below', async () => {
    const received = await scene.passes(request('GET', '/public/a', [`a: ${'b'.repeat(16_000)}`]));
    expect(received.values('a')).toEqual(['b'.repeat(16_000)]);
  });
});
