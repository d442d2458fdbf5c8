import { METHODS } from 'node:http';
import { describe, expect, it } from 'vitest';
import { FieldNames } from '../../../src/http/field-names.ts';
import { LENGTH_UNKNOWN, RequestHead } from '../../../src/wire/request-head.ts';
import { readRequestHead } from '../../../src/wire/request-parser.ts';

const names = new FieldNames([]);
const LIMITS = { fieldsMax: 8, targetBytesMax: 32, bodyBytesMax: 100 };

/** The head of this text, or why it is refused. */
function read(text: string, limits = LIMITS): RequestHead | string {
  const head = new RequestHead();
  const end = text.indexOf('\r\n\r\n');
  return readRequestHead(text, end, limits, names, head) ?? head;
}

const withLine = (line: string): string => `${line}\r\nHost: a\r\n\r\n`;
const withFields = (...fields: readonly string[]): string =>
  `GET / HTTP/1.1\r\n${['Host: a', ...fields].join('\r\n')}\r\n\r\n`;
const old = (...fields: readonly string[]): string =>
  `GET / HTTP/1.0\r\n${fields.map((line) => `${line}\r\n`).join('')}\r\n`;

describe('a request line (RFC 9112 §3)', () => {
  it.each(METHODS.filter((method) => method !== 'CONNECT' && method !== 'TRACE'))(
    'may have the method %s',
    (method) => {
      expect(read(withLine(`${method} / HTTP/1.1`))).toMatchObject({
        method,
        target: '/',
        minor: 1,
      });
    },
  );

  it.each(['/', '*', 'http://a/', '/a?b', '', '/a b', '/\xff', '/a\tb'])(
    'has its target as it came, for a later phase to judge: %j',
    (target) => {
      expect(read(withLine(`GET ${target} HTTP/1.1`))).toMatchObject({ target });
    },
  );

  it('may be of HTTP/1.0', () => {
    expect(read(withLine('GET / HTTP/1.0'))).toMatchObject({ minor: 0, host: 'a' });
  });

  it.each([
    ['', 'request-line'],
    ['GET', 'request-line'],
    ['GET/', 'request-line'],
    [' GET / HTTP/1.1', 'request-line'],
    ['\tGET / HTTP/1.1', 'request-line'],
    ['\r\nGET / HTTP/1.1', 'request-line'],
    ['G(T / HTTP/1.1', 'request-line'],
    ['GET\t/ HTTP/1.1', 'request-line'],
    ['\0 / HTTP/1.1', 'request-line'],
    ['FOO / HTTP/1.1', 'method-unknown'],
    ['get / HTTP/1.1', 'method-unknown'],
    ['PRI * HTTP/2.0', 'method-unknown'],
    ['CONNECT a:1 HTTP/1.1', 'method-forbidden'],
    ['TRACE / HTTP/1.1', 'method-forbidden'],
    ['GET /', 'version'],
    ['GET / ', 'version'],
    ['GET / HTTP/0.9', 'version'],
    ['GET / HTTP/2.0', 'version'],
    ['GET / HTTP/1.2', 'version'],
    ['GET / HTTP/1.10', 'version'],
    ['GET / HTTP/01.1', 'version'],
    ['GET / http/1.1', 'version'],
    ['GET / HTTP/1.1 ', 'version'],
    ['GET / HTTP/1.1\t', 'version'],
    ['GET / ICE/1.0', 'version'],
    ['GET /\tHTTP/1.1', 'version'],
    ['GET /x\nHost: a', 'version'],
    [`GET /${'x'.repeat(32)} HTTP/1.1`, 'target-too-long'],
  ])('%j is refused: %s', (line, refusal) => {
    expect(read(withLine(line))).toBe(refusal);
  });

  it('may have a target of the greatest length', () => {
    expect(read(withLine(`GET /${'x'.repeat(31)} HTTP/1.1`))).toBeTypeOf('object');
  });
});

describe('the host of a request (RFC 9112 §3.2)', () => {
  it('is canonical', () => {
    expect(read('GET / HTTP/1.1\r\nHost: A.B.:80\r\n\r\n')).toMatchObject({
      host: 'a.b',
      authority: 'a.b:80',
    });
  });

  it('may be missing or empty in HTTP/1.0 only', () => {
    expect(read(old())).toMatchObject({ host: '', authority: '' });
    expect(read(old('Host:'))).toMatchObject({ host: '', authority: '' });
    expect(read('GET / HTTP/1.1\r\nHost:\r\n\r\n')).toBe('host-missing');
    expect(read('GET / HTTP/1.1\r\nA: b\r\n\r\n')).toBe('host-missing');
    expect(read('GET / HTTP/1.1\r\n\r\n')).toBe('host-missing');
  });

  it.each([withFields('Host: a'), withFields('host:'), old('Host: a', 'HOST: a')])(
    'is given once: %j',
    (text) => {
      expect(read(text)).toBe('host-duplicate');
    },
  );

  it.each(['a/b', 'u@a', 'a b', 'a,b'])('is no %s', (host) => {
    expect(read(old(`Host: ${host}`))).toBe('host-malformed');
  });
});

describe('the framing of a request (RFC 9112 §6)', () => {
  it.each([
    [withFields(), LENGTH_UNKNOWN, false, false],
    [withFields('Content-Length: 0'), 0, false, false],
    [withFields('Content-Length: 5'), 5, false, true],
    [withFields('Content-Length:\t5 '), 5, false, true],
    [withFields('content-length: 0100'), 100, false, true],
    [withFields('Transfer-Encoding: chunked'), LENGTH_UNKNOWN, true, true],
    [withFields('transfer-encoding: Chunked'), LENGTH_UNKNOWN, true, true],
  ])('of %j is length %i, chunked %s, body %s', (text, contentLength, isChunked, hasBody) => {
    expect(read(text)).toMatchObject({ contentLength, isChunked, hasBody });
  });

  it.each([
    [['Content-Length:'], 'length-malformed'],
    [['Content-Length: +5'], 'length-malformed'],
    [['Content-Length: 5, 5'], 'length-malformed'],
    [['Content-Length: 5', 'Content-Length: 5'], 'length-duplicate'],
    [['Content-Length: 5', 'content-length: 6'], 'length-duplicate'],
    [['Content-Length: 101'], 'body-too-large'],
    [['Content-Length: 5', 'Transfer-Encoding: chunked'], 'length-and-coding'],
    [['Transfer-Encoding: chunked', 'Content-Length: 0'], 'length-and-coding'],
    [['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], 'coding-duplicate'],
    [['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], 'coding-duplicate'],
    [['Transfer-Encoding: gzip, chunked'], 'coding-unknown'],
    [['Transfer-Encoding: identity'], 'coding-unknown'],
    [['Transfer-Encoding: xchunked'], 'coding-unknown'],
    [['Transfer-Encoding: chunked, chunked'], 'coding-malformed'],
    [['Transfer-Encoding: chunked, identity'], 'coding-malformed'],
    [['Transfer-Encoding: chunked,'], 'coding-malformed'],
    [['Transfer-Encoding:'], 'coding-malformed'],
    [['Transfer-Encoding: "chunked"'], 'coding-malformed'],
    [['Transfer-Encoding: chunked;q=1'], 'coding-malformed'],
    [['Transfer-Encoding: chunked '], 'coding-malformed'],
    [['Transfer-Encoding: chunked\t'], 'coding-malformed'],
    [['Transfer-Encoding: chunked\xa0'], 'coding-malformed'],
    [['Transfer-Encoding: \x0bchunked'], 'field-octet'],
    [['Transfer-Encoding : chunked'], 'field-name'],
  ])('with %j is refused: %s', (fields, refusal) => {
    expect(read(withFields(...fields))).toBe(refusal);
  });

  it('has no coding in HTTP/1.0', () => {
    expect(read(old('Transfer-Encoding: chunked'))).toBe('coding-in-http10');
  });

  it('may be of any length where that is unlimited', () => {
    const text = withFields('Content-Length: 999999999999999');
    expect(read(text, { ...LIMITS, bodyBytesMax: 0 })).toMatchObject({
      contentLength: 999_999_999_999_999,
    });
  });
});

describe('what a request says of its connection', () => {
  it.each([
    [withFields(), false, false],
    [withFields('Connection: close'), true, false],
    [withFields('Connection: keep-alive'), false, true],
    [withFields('Connection: x', 'Connection: close'), true, false],
    [withFields('Proxy-Connection: Close'), true, false],
    [withFields('Proxy-Connection: keep-alive'), false, false],
    [old('Connection: keep-alive'), false, true],
    [old('Proxy-Connection: keep-alive'), false, false],
    [old('Connection: keep-alive\t'), true, true],
  ])('is in %j close: %s, keep-alive: %s', (text, isCloseAsked, isKeepAliveAsked) => {
    expect(read(text)).toMatchObject({ isCloseAsked, isKeepAliveAsked });
  });

  it('names the fields that it nominates', () => {
    expect(read(withFields('Connection: X-A, close', 'Connection: Cookie'))).toMatchObject({
      nominated: ['x-a', 'cookie'],
    });
  });
});

describe('other fields that the parser judges', () => {
  it('an expectation is 100-continue or refused (RFC 9110 §10.1.1)', () => {
    expect(read(withFields('Expect: 100-Continue'))).toMatchObject({ isContinueExpected: true });
    expect(read(withFields('Expect: 200-ok'))).toBe('expect');
    expect(read(withFields('Expect:'))).toBe('expect');
  });

  it('an expectation of HTTP/1.0 is ignored', () => {
    expect(read(old('Expect: 100-continue'))).toMatchObject({ isContinueExpected: false });
    expect(read(old('Expect: x'))).toMatchObject({ isContinueExpected: false });
  });

  it('Authorization comes once at most', () => {
    expect(read(withFields('Authorization: a'))).toBeTypeOf('object');
    expect(read(withFields('Authorization: a', 'authorization: a'))).toBe(
      'authorization-duplicate',
    );
  });

  it('Cookie may come more than once', () => {
    expect(read(withFields('Cookie: a=1', 'Cookie: b=2'))).toMatchObject({ hasCookie: true });
    expect(read(withFields())).toMatchObject({ hasCookie: false });
  });

  it('there are no more of them than the limit says', () => {
    expect(read(withFields(...Array.from({ length: 7 }, () => 'A: b')))).toBeTypeOf('object');
    expect(read(withFields(...Array.from({ length: 8 }, () => 'A: b')))).toBe('fields-too-many');
  });

  it('broken lines are refused', () => {
    expect(read(withFields('A'))).toBe('field-line');
    expect(read(withFields('A: b\r\n c'))).toBe('field-line');
    expect(read(withFields('A: \0'))).toBe('field-octet');
  });

  it('what came before them does not matter', () => {
    const head = new RequestHead();
    const all = withFields(
      'Content-Length: 5',
      'Connection: close, x',
      'Cookie: a',
      'Expect: 100-continue',
    );
    readRequestHead(all, all.length - 4, LIMITS, names, head);
    const none = old();
    expect(readRequestHead(none, none.indexOf('\r\n\r\n'), LIMITS, names, head)).toBeNull();
    const fresh = new RequestHead();
    readRequestHead(none, none.indexOf('\r\n\r\n'), LIMITS, names, fresh);
    const was = { ...head, fields: head.fields.lines(), lastHost: null };
    expect(was).toEqual({ ...fresh, fields: [] });
  });

  it('takes each Host by itself, whatever came before on the connection', () => {
    const head = new RequestHead();
    const hosts = ['a', 'A', 'a:80', 'a', 'b', 'a'];
    const seen = hosts.map((host) => {
      const text = `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
      expect(readRequestHead(text, text.length - 4, LIMITS, names, head)).toBeNull();
      return [head.host, head.authority];
    });
    expect(seen).toEqual([
      ...[
        ['a', 'a'],
        ['a', 'a'],
        ['a', 'a:80'],
        ['a', 'a'],
      ],
      ...[
        ['b', 'b'],
        ['a', 'a'],
      ],
    ]);
    const bad = 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n';
    expect(readRequestHead(bad, bad.length - 4, LIMITS, names, head)).toBe('host-malformed');
  });
});
