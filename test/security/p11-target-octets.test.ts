import { describe, expect, it } from 'vitest';
import { request } from '../support/request.ts';
import { bothAnswers, useScene } from '../support/scene.ts';

describe.each(bothAnswers)(
  'P11: octets that readers read differently are refused, under %s',
  (answers) => {
    const scene = useScene({ answers });

    it.each([
      ['a fragment', '/public/x#/admin'],
      ['a fragment in the query', '/public/x?y#z'],
      ['a backslash', '/public/a\\..\\b'],
      ['a backslash first', '/\\evil/x'],
      ['an encoded NUL', '/public/a%00b'],
      ['a NUL', '/public/a\0b'],
      ['a control', '/public/a\x01b'],
      ['a vertical tab', '/public/a\x0bb'],
      ['DEL', '/public/a\x7fb'],
      ['a byte over 0x7e', '/public/a\xffb'],
      ['UTF-8', '/public/\xc3\xa9'],
      ['a byte over 0x7e in the query', '/public/x?\xe9'],
      ['a control in the query', '/public/x?\x02'],
      ['a blank', '/public/a b'],
      ['a tab', '/public/a\tb'],
      ['a blank in the query', '/public/x?a b'],
      ['an at sign first', '@evil'],
      ['no slash first', 'public/x'],
      ['a query first', '?x'],
    ])('%s is 400 and closes', async (_kind, target) => {
      await scene.refuses(request('GET', target), 400);
    });

    it('two blanks in the request line are 400', async () => {
      await scene.refuses('GET  /public/x HTTP/1.1\r\nHost: a\r\n\r\n', 400);
      await scene.refuses('GET /public/x  HTTP/1.1\r\nHost: a\r\n\r\n', 400);
    });

    it.each([
      ['//public/x', '/public/x'],
      ['///public///x', '/public/x'],
      ['/public//x', '/public/x'],
      ['//public//', '/public/'],
    ])('%s reaches the upstream as %s', async (target, canonical) => {
      expect((await scene.passes(request('GET', target))).target).toBe(canonical);
    });

    it('//evil/x is the path /evil/x of this server', async () => {
      const cookie = `Cookie: ${scene.cookie}`;
      expect((await scene.passes(request('GET', '//evil/x', [cookie]))).target).toBe('/evil/x');
    });

    it.each(['?a=\\b', '?a=%00', '?a=%2f..%2f', '?a=//b', '?', '??', '?a=%zz', '?a=../b;c'])(
      'the query %s passes byte for byte',
      async (query) => {
        expect((await scene.passes(request('GET', `/public/x${query}`))).target).toBe(
          `/public/x${query}`,
        );
      },
    );
  },
);

describe('P11: a strict listener', () => {
  const scene = useScene({ edge: { strict: true } });

  it.each(['//public/x', '/public//x', '/public/x//'])('refuses %s with 400', async (target) => {
    await scene.refuses(request('GET', target), 400);
  });

  it('lets // in a query pass', async () => {
    expect((await scene.passes(request('GET', '/public/x?a=//'))).target).toBe('/public/x?a=//');
  });
});
