import { describe, expect, it } from 'vitest';
import { FieldNames } from '../../../src/http/field-names.ts';
import { ResponseHead, type BodyFraming } from '../../../src/wire/response-head.ts';
import { readResponseHead } from '../../../src/wire/response-parser.ts';

const names = new FieldNames([]);

/** The head of this text, or what is wrong with it. */
function read(text: string, method = 'GET', fieldsMax = 8): ResponseHead | string {
  const head = new ResponseHead();
  return readResponseHead(text, text.indexOf('\r\n\r\n'), method, fieldsMax, names, head) ?? head;
}

const withLine = (line: string): string => `${line}\r\nA: b\r\n\r\n`;
const response = (status: number, ...fields: readonly string[]): string =>
  `HTTP/1.1 ${String(status)} x\r\n${fields.map((line) => `${line}\r\n`).join('')}\r\n`;

describe('a status line (RFC 9112 §4)', () => {
  it.each([
    ['HTTP/1.1 200 OK', 1, 200, 'OK'],
    ['HTTP/1.0 404 Not Found', 0, 404, 'Not Found'],
    ['HTTP/1.1 200 ', 1, 200, ''],
    ['HTTP/1.1 200', 1, 200, ''],
    ['HTTP/1.1 599 \xe9\t!', 1, 599, '\xe9\t!'],
    ['HTTP/1.1 100 Continue', 1, 100, 'Continue'],
  ])('%j is read', (line, minor, status, reason) => {
    expect(read(withLine(line))).toMatchObject({ minor, status, reason });
  });

  it.each([
    '',
    'HTTP/1.1',
    'HTTP/1.1 ',
    'HTTP/1.1 20',
    'HTTP/1.1 2000',
    'HTTP/1.1 200OK',
    'HTTP/1.1  200 OK',
    'HTTP/1.1\t200 OK',
    'HTTP/1.1 2x0 OK',
    'HTTP/1.1 099 x',
    'HTTP/1.1 600 x',
    'HTTP/1.1 -20 x',
    'HTTP/1.2 200 OK',
    'HTTP/2.0 200 OK',
    'HTTP/0.9 200 OK',
    'http/1.1 200 OK',
    'ICY 200 OK',
    ' HTTP/1.1 200 OK',
    '\r\nHTTP/1.1 200 OK',
    'HTTP/1.1 200\tOK',
    'HTTP/1.1 200 O\0K',
    'HTTP/1.1 200 O\rK',
    'HTTP/1.1 200 O\nK: x',
    'HTTP/1.1 200 \x7f',
  ])('%j is refused', (line) => {
    expect(read(withLine(line))).toBe('status-line');
  });
});

describe('the framing of a response (RFC 9112 §6.3)', () => {
  it.each<[string, string, BodyFraming]>([
    ['GET', response(200), 'close'],
    ['GET', response(200, 'Content-Length: 0'), 'none'],
    ['GET', response(200, 'Content-Length: 5'), 'length'],
    ['GET', response(200, 'Transfer-Encoding: Chunked'), 'chunked'],
    ['HEAD', response(200, 'Content-Length: 5'), 'none'],
    ['HEAD', response(200, 'Transfer-Encoding: chunked'), 'none'],
    ['HEAD', response(200), 'none'],
    ['GET', response(204), 'none'],
    ['GET', response(204, 'Content-Length: 5'), 'none'],
    ['GET', response(304, 'Content-Length: 5'), 'none'],
    ['GET', response(304, 'Transfer-Encoding: chunked'), 'none'],
    ['GET', response(100), 'none'],
    ['GET', response(103, 'Content-Length: 0'), 'none'],
    ['POST', response(500), 'close'],
    ['GET', 'HTTP/1.0 200 OK\r\n\r\n', 'close'],
  ])('to %s of %j is %s', (method, text, framing) => {
    expect(read(text, method)).toMatchObject({ framing });
  });

  it.each([
    [['Content-Length: 5', 'Content-Length: 5'], 'length'],
    [['Content-Length: 5, 5'], 'length'],
    [['Content-Length: +5'], 'length'],
    [['Content-Length:'], 'length'],
    [['Content-Length: 5', 'Transfer-Encoding: chunked'], 'framing'],
    [['Transfer-Encoding: chunked', 'Content-Length: 5'], 'framing'],
    [['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], 'coding'],
    [['Transfer-Encoding: gzip, chunked'], 'coding'],
    [['Transfer-Encoding: identity'], 'coding'],
    [['Transfer-Encoding: chunked\t'], 'coding'],
    [['Transfer-Encoding:'], 'coding'],
  ])('that is said in two ways is refused, also where there is no body: %j', (fields, problem) => {
    for (const method of ['GET', 'HEAD'])
      expect(read(response(200, ...fields), method)).toBe(problem);
    expect(read(response(304, ...fields))).toBe(problem);
  });

  it('is none of a 1xx: one that claims a body is refused', () => {
    expect(read(response(103, 'Content-Length: 5'))).toBe('framing');
    expect(read(response(100, 'Transfer-Encoding: chunked'))).toBe('framing');
  });

  it('has no coding in HTTP/1.0', () => {
    expect(read('HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')).toBe('coding');
  });
});

describe('the fields of a response', () => {
  it('are read as strictly as those of a request', () => {
    expect(read(response(200, 'A'))).toBe('field-line');
    expect(read(response(200, 'A : b'))).toBe('field-name');
    expect(read(response(200, 'A: b', ' c'))).toBe('field-line');
    expect(read(response(200, 'A: b\rc'))).toBe('field-octet');
    expect(read(response(200, 'A: b\nC: d'))).toBe('field-octet');
  });

  it('are counted', () => {
    expect(read(response(200, 'A: b', 'A: b'), 'GET', 2)).toBeTypeOf('object');
    expect(read(response(200, 'A: b', 'A: b'), 'GET', 1)).toBe('fields-too-many');
  });

  it('say what becomes of the connection', () => {
    expect(read(response(200, 'Connection: close, X-A'))).toMatchObject({
      isCloseAsked: true,
      nominated: ['x-a'],
    });
    expect(read(response(200, 'Connection: Keep-Alive'))).toMatchObject({
      isKeepAliveAsked: true,
      isCloseAsked: false,
    });
  });

  it('are forgotten with the next response', () => {
    const head = new ResponseHead();
    const first = response(200, 'Connection: close, x', 'Content-Length: 5', 'Set-Cookie: a');
    const second = response(204);
    expect(readResponseHead(first, first.length - 4, 'GET', 8, names, head)).toBeNull();
    expect(readResponseHead(second, second.length - 4, 'GET', 8, names, head)).toBeNull();
    expect(head).toMatchObject({
      status: 204,
      contentLength: -1,
      isCloseAsked: false,
      nominated: [],
      framing: 'none',
    });
    expect(head.fields.write()).toBe('');
  });
});
