import { describe, expect, it } from 'vitest';
import { FieldNames } from '../../../src/http/field-names.ts';
import { readHttp2Head } from '../../../src/wire/http2-head.ts';
import { RequestHead } from '../../../src/wire/request-head.ts';

const limits = { fieldsMax: 20, targetBytesMax: 200, bodyBytesMax: 0 };
const names = new FieldNames([]);

const read = (raw: readonly string[], hasBody = false) => {
  const head = new RequestHead();
  return { refusal: readHttp2Head(raw, hasBody, limits, names, head), head };
};
const asking = (...more: readonly string[]): string[] => [
  ':method',
  'GET',
  ':scheme',
  'https',
  ':authority',
  'App.Example:8443',
  ':path',
  '/a?b',
  ...more,
];

describe('the header block of an HTTP/2 request (RFC 9113 §8.3)', () => {
  it('reads as the HTTP/1.1 head that says the same', () => {
    const { head, refusal } = read(asking('x-a', '1', 'cookie', 'a=b', 'cookie', 'c=d'));
    expect(refusal).toBeNull();
    expect([head.method, head.target, head.host, head.authority]).toEqual([
      'GET',
      '/a?b',
      'app.example',
      'app.example:8443',
    ]);
    expect(head.fields.lines()).toEqual([
      ['Host', 'App.Example:8443'],
      ['x-a', '1'],
      ['cookie', 'a=b'],
      ['cookie', 'c=d'],
    ]);
    expect([head.hasBody, head.hasCookie]).toEqual([false, true]);
  });

  it('has Host alone, or both when they say the same', () => {
    const alone = [':method', 'GET', ':scheme', 'https', ':path', '/', 'host', 'a.example'];
    expect(read(alone).head.host).toBe('a.example');
    expect(read(asking('host', 'App.Example:8443')).refusal).toBeNull();
  });

  it('frames a body of unknown length in chunks, and one of known length by it', () => {
    expect(read(asking(), true).head.isChunked).toBe(true);
    const known = read(asking('content-length', '5'), true).head;
    expect([known.isChunked, known.contentLength]).toEqual([false, 5]);
  });

  it.each([
    ['two names for one host', asking('host', 'other.example'), 'host-mismatch'],
    ['two Host fields', asking('host', 'App.Example:8443', 'host', 'b'), 'host-duplicate'],
    ['no host', [':method', 'GET', ':scheme', 'https', ':path', '/'], 'host-missing'],
    ['a line end in a value', asking('x-a', 'b\r\nX-UserInfo: root'), 'field-octet'],
    ['a line end in a name', asking('x-a: b\r\nx-userinfo', 'root'), 'field-octet'],
    ['a colon in a name', asking('x:a', 'b'), 'field-name'],
    ['a pseudo-header of its own', asking(':protocol', 'websocket'), 'field-name'],
    ['a blank in a name', asking('x a', 'b'), 'field-name'],
    ['a transfer coding', asking('transfer-encoding', 'chunked'), 'coding-in-http2'],
    ['two lengths', asking('content-length', '1', 'content-length', '1'), 'length-duplicate'],
    ['an expectation', asking('expect', 'magic'), 'expect'],
  ])('with %s: %s', (_, raw, refusal) => {
    expect(read(raw).refusal).toBe(refusal);
  });

  it.each([
    [':path', '/x HTTP/1.1\r\nX: y', 'field-octet'],
    [':path', '/a b', null],
    [':method', 'GET /admin', null],
    [':method', 'BREW', 'method-unknown'],
    [':method', 'CONNECT', 'method-forbidden'],
    [':method', 'TRACE', 'method-forbidden'],
    [':authority', 'user@app', 'host-malformed'],
    [':authority', '', 'host-missing'],
  ])('%s %s is read by the rules of HTTP/1.1', (name, value, refusal) => {
    const raw = asking();
    raw[raw.indexOf(name) + 1] = value;
    const result = read(raw);
    if (refusal !== null) expect(result.refusal).toBe(refusal);
    // What is left is a target with a blank in it, which the next phase refuses, or a refused line.
    else expect(result.refusal !== null || result.head.target.includes(' ')).toBe(true);
  });
});
