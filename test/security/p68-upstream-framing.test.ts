import { describe, expect, it } from 'vitest';
import { itOnHttp1, itOnHttp2 } from '../support/lane.ts';
import { raw, rawThenEnd } from '../support/recording-upstream.ts';
import { request } from '../support/request.ts';
import { bothAnswers, useScene } from '../support/scene.ts';
import { TranslatedClient } from '../support/translated-client.ts';

const head = (...lines: readonly string[]): string =>
  ['HTTP/1.1 200 OK', ...lines].map((line) => `${line}\r\n`).join('') + '\r\n';
const smuggled = head('Content-Length: 6') + 'stolen';

describe.each(bothAnswers)(
  'P68: an answer that can be read in two ways is 502, under %s',
  (answers) => {
    const scene = useScene({ answers });

    it.each([
      [
        'a length and a coding',
        head('Content-Length: 5', 'Transfer-Encoding: chunked') + '0\r\n\r\n',
      ],
      ['two lengths', head('Content-Length: 5', 'Content-Length: 6') + 'hello'],
      ['the same length twice', head('Content-Length: 5', 'Content-Length: 5') + 'hello'],
      ['a list of lengths', head('Content-Length: 5, 5') + 'hello'],
      ['a signed length', head('Content-Length: +5') + 'hello'],
      ['an empty length', head('Content-Length:') + 'hello'],
      ['an unknown coding', head('Transfer-Encoding: gzip, chunked') + '0\r\n\r\n'],
      [
        'two codings',
        head('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked') + '0\r\n\r\n',
      ],
      ['a coding in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
      ['a bare LF after the status line', 'HTTP/1.1 200 OK\nContent-Length: 2\r\n\r\nok'],
      ['a bare LF between fields', 'HTTP/1.1 200 OK\r\nX: y\nContent-Length: 2\r\n\r\nok'],
      ['a bare CR in a value', head('X: a\rb', 'Content-Length: 2') + 'ok'],
      ['a NUL in a value', head('X: a\0b', 'Content-Length: 2') + 'ok'],
      ['a folded line', head('X: a', ' b', 'Content-Length: 2') + 'ok'],
      ['a blank before a colon', head('Content-Length : 2') + 'ok'],
      ['a line without a colon', head('Content-Length', 'X: y') + 'ok'],
      ['a name that is no token', head('X Y: z', 'Content-Length: 2') + 'ok'],
      ['another version', 'HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
      ['HTTP/0.9', 'just a body\r\n\r\n'],
      ['a status of two digits', 'HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nok'],
      ['a status of four digits', 'HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok'],
      ['a status beyond all', 'HTTP/1.1 999 OK\r\nContent-Length: 2\r\n\r\nok'],
      ['no status', 'HTTP/1.1 OK\r\nContent-Length: 2\r\n\r\nok'],
      ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'],
      ['an empty line first', '\r\n' + head('Content-Length: 2') + 'ok'],
    ])('%s, and the connection goes', async (_kind, bytes) => {
      scene.upstream.answer = raw(bytes);
      const { response } = await scene.send(request('GET', '/public/x'));
      expect(response.status).toBe(502);
      expect(response.text()).not.toMatch(/hello|stolen|just a body/);
      await scene.upstream.allClosed();
    });

    it('a head that never ends is 502', async () => {
      scene.upstream.answer = raw(`HTTP/1.1 200 OK\r\nX: ${'y'.repeat(100_000)}`);
      expect((await scene.send(request('GET', '/public/x'))).response.status).toBe(502);
      await scene.upstream.allClosed();
    });

    it('an answer that ends before its head is 502', async () => {
      scene.upstream.answer = rawThenEnd('HTTP/1.1 200 OK\r\nX: y\r\n');
      const post = request('POST', '/public/x', ['Content-Length: 0']);
      expect((await scene.send(post)).response.status).toBe(502);
    });

    it('eleven informational answers are 502', async () => {
      scene.upstream.answer = raw(
        'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(11) + head('Content-Length: 2') + 'ok',
      );
      expect((await scene.send(request('GET', '/public/x'))).response.status).toBe(502);
      await scene.upstream.allClosed();
    });

    it('informational answers without end are 502', async () => {
      scene.upstream.answer = raw('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(5000));
      expect((await scene.send(request('GET', '/public/x'))).response.status).toBe(502);
      await scene.upstream.allClosed();
    });

    it('a few informational answers are no harm', async () => {
      scene.upstream.answer = raw(
        'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(3) +
          head('Content-Length: 2') +
          'ok',
      );
      const { response } = await scene.send(request('GET', '/public/x'));
      expect(response.status).toBe(200);
      expect(response.text()).toBe('ok');
    });

    itOnHttp1('what follows an answer is no answer to the next request', async () => {
      scene.upstream.answer = raw(head('Content-Length: 5') + 'hello' + smuggled);
      await using client = await scene.connect();
      const first = await client.write(request('GET', '/public/x')).response();
      expect(first.text()).toBe('hello');
      scene.upstream.answer = raw(head('Content-Length: 4') + 'mine');
      expect((await client.write(request('GET', '/public/x')).response()).text()).toBe('mine');
    });
  },
);

describe('P68: a body that breaks off on the way', () => {
  const scene = useScene();

  const broken: readonly (readonly [string, string])[] = [
    ['a chunk that is none', head('Transfer-Encoding: chunked') + '5\r\nhello\r\nzz\r\n'],
    ['a bare LF in a chunk line', head('Transfer-Encoding: chunked') + '5\nhello\r\n0\r\n\r\n'],
    [
      'a chunk longer than it says',
      head('Transfer-Encoding: chunked') + '5\r\nhello!!\r\n0\r\n\r\n',
    ],
  ];

  const shortened: readonly (readonly [string, string])[] = [
    ...broken,
    ['an end before its length', head('Content-Length: 10') + 'hello'],
    ['an end before its last chunk', head('Transfer-Encoding: chunked') + '5\r\nhello\r\n'],
  ];

  itOnHttp2.each(shortened)('by %s ends its stream with an error', async (_kind, bytes) => {
    scene.upstream.answer = rawThenEnd(bytes);
    await using client = await TranslatedClient.connect(scene.gateway.edge);
    const { response, code } = await client.ask(request('GET', '/public/x'));
    if (response?.status !== 502) expect(code).not.toBe(0);
    await scene.upstream.allClosed();
  });

  itOnHttp1.each(broken)('by %s never looks whole to the client', async (_kind, bytes) => {
    scene.upstream.answer = raw(bytes);
    await using client = await scene.connect();
    client.write(request('GET', '/public/x'));
    await client.closed();
    const text = client.pending.toString('latin1');
    // Either nothing had been sent yet, and it is a 502, or the body is cut off.
    if (!text.startsWith('HTTP/1.1 502')) expect(text).not.toContain('0\r\n\r\n');
    await scene.upstream.allClosed();
  });

  itOnHttp1('by an end before its length cuts the client off as well', async () => {
    scene.upstream.answer = rawThenEnd(head('Content-Length: 10') + 'hello');
    await using client = await scene.connect();
    client.write(request('GET', '/public/x'));
    await expect(client.response()).rejects.toThrow(/the connection ended/);
  });

  itOnHttp1('by an end before its last chunk cuts the client off as well', async () => {
    scene.upstream.answer = rawThenEnd(head('Transfer-Encoding: chunked') + '5\r\nhello\r\n');
    await using client = await scene.connect();
    client.write(request('GET', '/public/x'));
    await expect(client.response()).rejects.toThrow(/the connection ended/);
  });
});
