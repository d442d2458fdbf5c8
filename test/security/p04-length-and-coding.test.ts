import { describe, expect, it } from 'vitest';
import { request } from '../support/request.ts';
import { bothAnswers, useScene } from '../support/scene.ts';

const smuggled = 'GET /admin HTTP/1.1\r\nHost: a\r\n\r\n';

describe.each(bothAnswers)(
  'P4: a length and a coding together are refused, under %s',
  (answers) => {
    const scene = useScene({ answers });

    it.each([
      ['the length first', ['Content-Length: 4', 'Transfer-Encoding: chunked']],
      ['the coding first', ['Transfer-Encoding: chunked', 'Content-Length: 4']],
      ['a length of zero', ['Content-Length: 0', 'Transfer-Encoding: chunked']],
      ['other fields between', ['Content-Length: 4', 'X: y', 'Transfer-Encoding: chunked']],
      ['odd spellings', ['content-LENGTH: 4', 'tRANSFER-encoding: CHUNKED']],
      ['an empty length', ['Content-Length:', 'Transfer-Encoding: chunked']],
    ])('%s is 400 and closes', async (_kind, lines) => {
      await scene.refuses(request('POST', '/public/a', lines, `0\r\n\r\n${smuggled}`), 400);
      await scene.refuses(request('GET', '/public/a', lines, `0\r\n\r\n${smuggled}`), 400);
    });

    it('is counted by its reason', async () => {
      const count = (): Promise<number> =>
        scene.gateway.metric('portcullis_rejected_total', 'reason="length-and-coding"');
      const before = await count();
      const lines = ['Content-Length: 4', 'Transfer-Encoding: chunked'];
      await scene.refuses(request('POST', '/public/a', lines, '0\r\n\r\n'), 400);
      expect(await count()).toBe(before + 1);
    });
  },
);
