import { describe, expect, it } from 'vitest';
import { raw, respond } from '../../support/recording-upstream.ts';
import { request } from '../../support/request.ts';
import { bothAnswers, useScene } from '../../support/scene.ts';
import { waitFor } from '../../support/wait-for.ts';

describe('an answer to somebody who is logged in', () => {
  const scene = useScene({
    sections: { sessions: { idleTimeout: '1h', touchInterval: '200ms' }, cookie: { maxAge: '1h' } },
  });
  const answered = async (fields: readonly (readonly [string, string])[]) => {
    scene.upstream.answer = respond(200, fields, 'ok');
    return (await scene.send(request('GET', '/api/x', [`Cookie: ${scene.cookie}`]))).response;
  };

  it('is private where the upstream says nothing about caches', async () => {
    expect((await answered([])).values('cache-control')).toEqual(['private']);
  });

  it.each(['no-store', 'public, max-age=60', 'max-age=1'])(
    'keeps Cache-Control: %s',
    async (value) => {
      expect((await answered([['Cache-Control', value]])).values('cache-control')).toEqual([value]);
    },
  );

  it('to nobody is left alone', async () => {
    scene.upstream.answer = respond(200, [], 'ok');
    const { response } = await scene.send(request('GET', '/public/x'));
    expect(response.values('cache-control')).toEqual([]);
    expect(response.values('set-cookie')).toEqual([]);
  });

  it('renews the cookie when that is due, beside the cookies of the application', async () => {
    await waitFor('a renewed cookie', async () => {
      const cookies = (await answered([['Set-Cookie', 'app=1']])).values('set-cookie');
      expect(cookies[0]).toBe('app=1');
      return cookies.length === 2 && /^portcullis=[^;]+;.*Max-Age=3600/.test(cookies[1] ?? '');
    });
  });

  it.each(['public, max-age=60', 's-maxage=5'])(
    'never renews it in one that says %s',
    async (value) => {
      const began = performance.now();
      while (performance.now() - began < 700) {
        expect((await answered([['Cache-Control', value]])).values('set-cookie')).toEqual([]);
      }
    },
  );
});

describe('a renewed cookie', () => {
  const scene = useScene({ sections: { sessions: { idleTimeout: '1h', touchInterval: '1ms' } } });
  const answered = async (...lines: readonly string[]) => {
    const fields = lines.map((line) => `${line}\r\n`).join('');
    scene.upstream.answer = raw(`HTTP/1.1 200 OK\r\n${fields}Content-Length: 2\r\n\r\nok`);
    return (await scene.send(request('GET', '/api/x', [`Cookie: ${scene.cookie}`]))).response;
  };

  it.each([
    ['nothing about caches', [], ['private']],
    ['private', ['Cache-Control: private, max-age=60'], ['private, max-age=60']],
    [
      'no-store',
      ['Cache-Control: max-age=0', 'Cache-Control: No-Store'],
      ['max-age=0', 'No-Store'],
    ],
    [
      'private for this hop only',
      ['Connection: Cache-Control', 'Cache-Control: private'],
      ['private'],
    ],
    [
      'public for this hop only',
      ['Connection: Cache-Control', 'Cache-Control: public'],
      ['private'],
    ],
  ])('goes with an answer that says %s, which is then private', async (_, lines, expected) => {
    const response = await answered(...lines);
    expect(response.values('set-cookie')).toEqual([expect.stringMatching(/^portcullis=[^;]/)]);
    expect(response.values('cache-control')).toEqual(expected);
  });

  it.each([
    ['max-age alone', ['Cache-Control: max-age=600']],
    ['public in its second field', ['Cache-Control: max-age=600', 'Cache-Control: public']],
    ['s-maxage in its second field', ['Cache-Control: no-cache', 'cache-control: s-maxage=5']],
    ['private and public', ['Cache-Control: private', 'Cache-Control: public']],
    ['a word that is like private', ['Cache-Control: privately, max-age=600']],
    ['must-revalidate', ['Cache-Control: must-revalidate, max-age=600']],
  ])('never goes with an answer that says %s', async (_kind, lines) => {
    for (let round = 0; round < 5; round++) {
      expect((await answered(...lines)).values('set-cookie')).toEqual([]);
    }
    await waitFor('one that is due', async () => {
      return (await answered()).values('set-cookie').length === 1;
    });
  });
});

describe.each(bothAnswers)('a refusal, under %s', (answers) => {
  const scene = useScene({ answers });

  it('of nobody is never stored by caches', async () => {
    const response = await scene.declines(
      request('GET', '/api/x'),
      answers === 'modern' ? 401 : 403,
    );
    expect(response.value('cache-control')).toBe('no-store');
    expect(response.values('www-authenticate')).toHaveLength(answers === 'modern' ? 1 : 0);
  });

  it('of a broken cookie clears it', async () => {
    for (const value of ['x', '', '"', 'a.b.c', 'x'.repeat(4000), '\xff']) {
      const { response, forwarded } = await scene.send(
        request('GET', '/api/x', [`Cookie: portcullis=${value}`]),
      );
      expect(response.status, value).toBe(answers === 'modern' ? 401 : 403);
      expect(response.value('set-cookie'), value).toMatch(
        /^portcullis=;(?=.*Max-Age=0)(?=.*Path=\/(;|$))/,
      );
      expect(forwarded).toEqual([]);
    }
  });

  it('does not depend on odd octets in other cookies', async () => {
    const lines = [`Cookie: odd="a b\xff\\; ${scene.cookie}; =; ;; a=b=c`];
    const received = await scene.passes(request('GET', '/api/x', lines));
    expect(received.values('x-userinfo')).toHaveLength(1);
    expect(received.head).not.toContain(scene.cookie);
  });
});

describe('a listener behind TLS of our own', () => {
  const scene = useScene({ edge: { secure: true } });

  it('has a cookie that no other host can plant', async () => {
    const { login } = scene;
    expect(login.response.values('set-cookie')).toEqual([
      expect.stringMatching(/^__Host-portcullis=[^;]+; (?=.*Secure)(?=.*HttpOnly)(?=.*Path=\/)/),
    ]);
    await scene.passes(request('GET', '/api/x', [`Cookie: ${scene.cookie}`]));
  });

  it('knows nobody by the name that counts in the clear, and forwards neither', async () => {
    const clear = scene.cookie.replace('__Host-', '');
    await scene.declines(request('GET', '/api/x', [`Cookie: ${clear}`]), 401);
    const both = await scene.passes(
      request('GET', '/api/x', [`Cookie: ${clear}; ${scene.cookie}; a=1`]),
    );
    expect(both.values('cookie')).toEqual(['a=1']);
  });
});
