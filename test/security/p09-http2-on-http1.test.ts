import { describe, expect, it } from 'vitest';
import { request } from '../support/request.ts';
import { bothAnswers, useScene } from '../support/scene.ts';

describe.each(bothAnswers)(
  'P9: nothing of HTTP/2 is understood on HTTP/1.1, under %s',
  (answers) => {
    const scene = useScene({ answers });

    it('its preface is refused and closes', async () => {
      // PRI is a method that nobody knows.
      await scene.refuses('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 501);
    });

    it.each([':path: /admin', ':authority: evil', ':method: GET', ':scheme: https'])(
      'a field %s is 400 and closes',
      async (line) => {
        await scene.refuses(request('GET', '/public/a', [line]), 400);
      },
    );

    it('fields of one connection go no further', async () => {
      const lines = ['TE: trailers', 'Keep-Alive: timeout=9', 'HTTP2-Settings: AAMAAABkAAQAAP__'];
      const received = await scene.passes(request('GET', '/public/a', lines));
      for (const name of ['te', 'keep-alive', 'http2-settings', 'upgrade']) {
        expect(received.values(name), name).toEqual([]);
      }
    });

    it.each([
      ['a blank in the target', 'GET /public/a b HTTP/1.1\r\nHost: a\r\n\r\n'],
      ['a tab in the target', 'GET /public/a\tb HTTP/1.1\r\nHost: a\r\n\r\n'],
      ['a CR in the target', 'GET /public/a\rb HTTP/1.1\r\nHost: a\r\n\r\n'],
      ['a CR in a value', 'GET /public/a HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n'],
      ['a LF in a value', 'GET /public/a HTTP/1.1\r\nHost: a\r\nX: a\nb\r\n\r\n'],
      ['a NUL in a value', 'GET /public/a HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n'],
    ])('%s, as a translation from HTTP/2 may leave it, is 400 and closes', async (_kind, bytes) => {
      await scene.refuses(bytes, 400);
    });
  },
);
