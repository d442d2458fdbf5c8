import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FieldNames } from '../../../src/http/field-names.ts';
import { ChunkedDecoder } from '../../../src/wire/chunked-decoder.ts';
import { Collected } from '../../support/collected.ts';

const names = new FieldNames([]);

interface Decoded {
  readonly body: string;
  /** Offset behind the last octet used, or the problem. */
  readonly end: number | string;
  readonly isDone: boolean;
}

/** Decodes `text` in pieces that begin at `cuts`. */
function decoded(text: string, cuts: readonly number[] = [], bodyBytesMax = 0): Decoded {
  const decoder = new ChunkedDecoder(names, bodyBytesMax);
  const sink = new Collected();
  const bytes = Buffer.from(text, 'latin1');
  let end = 0;
  for (const stop of [...cuts, bytes.length]) {
    const result = decoder.decode(bytes, end, Math.max(end, stop), sink);
    if (typeof result === 'string') return { body: sink.text, end: result, isDone: decoder.isDone };
    end = result;
    if (decoder.isDone) break;
  }
  return { body: sink.text, end, isDone: decoder.isDone };
}

const everyOctet = (text: string): number[] =>
  Array.from({ length: text.length }, (_, at) => at + 1);

describe('a body in chunks (RFC 9112 §7.1)', () => {
  it.each([
    ['0\r\n\r\n', ''],
    ['5\r\nhello\r\n0\r\n\r\n', 'hello'],
    ['2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n', 'hello'],
    ['A\r\n0123456789\r\n0\r\n\r\n', '0123456789'],
    ['a\r\n0123456789\r\n0\r\n\r\n', '0123456789'],
    ['0000000000005\r\nhello\r\n000\r\n\r\n', 'hello'],
    ['2\r\n\r\n\r\n0\r\n\r\n', '\r\n'],
    ['5;a\r\nhello\r\n0;b=c;d\r\n\r\n', 'hello'],
    ['0\r\nA: b\r\nC:\r\n\r\n', ''],
    ['0\r\nX-UserInfo: root\r\n\r\n', ''],
  ])('%j is %j', (text, body) => {
    const whole = { body, end: text.length, isDone: true };
    expect(decoded(text)).toEqual(whole);
    expect(decoded(`${text}GET / HTTP/1.1\r\n`)).toEqual(whole);
    expect(decoded(text, everyOctet(text))).toEqual(whole);
  });

  it.each([
    ['', 'chunk-size', '\r\n'],
    ['a size without digits', 'chunk-size', ';a\r\n'],
    ['a prefix', 'chunk-size', '0x5\r\n'],
    ['a sign', 'chunk-size', '+5\r\n'],
    ['a sign', 'chunk-size', '-5\r\n'],
    ['no hexadecimal digit', 'chunk-size', 'g\r\n'],
    ['a blank before the size', 'chunk-size', ' 5\r\n'],
    ['a blank behind the size', 'chunk-size', '5 \r\n'],
    ['a blank before an extension', 'chunk-size', '5 ;a\r\n'],
    ['a tab behind the size', 'chunk-size', '5\t\r\n'],
    ['too many digits', 'chunk-size', '00000000000005\r\n'],
    ['a size past 2^52', 'chunk-size', 'fffffffffffffff\r\n'],
    ['a bare LF', 'chunk-size', '5\nhello'],
    ['a bare CR', 'chunk-size', '5\rhello'],
    ['an empty extension', 'chunk-size', '5;\r\n'],
    ['an extension without a name', 'chunk-size', '5;=a\r\n'],
    ['an extension without a value', 'chunk-size', '5;a=\r\n'],
    ['a blank in an extension', 'chunk-size', '5;a =b\r\n'],
    ['a quoted extension', 'chunk-size', '5;a="b"\r\n'],
    ['a bare LF in an extension', 'chunk-size', '5;a\nhello'],
    ['a bare CR in an extension', 'chunk-size', '5;a\rb'],
    ['an octet past ASCII in an extension', 'chunk-size', '5;\xe9\r\n'],
    ['a payload that is longer', 'chunk-end', '2\r\nabc\r\n'],
    ['a payload without CR', 'chunk-end', '2\r\nab\n0\r\n\r\n'],
    ['a payload without LF', 'chunk-end', '2\r\nab\r0\r\n\r\n'],
    ['a trailer without a colon', 'trailer-malformed', '0\r\nA\r\n\r\n'],
    ['a trailer with a blank before the colon', 'trailer-malformed', '0\r\nA : b\r\n\r\n'],
    ['a folded trailer', 'trailer-malformed', '0\r\nA: b\r\n c\r\n\r\n'],
    ['a control octet in a trailer', 'trailer-malformed', '0\r\nA: \0\r\n\r\n'],
    ['a bare LF behind a trailer', 'trailer-malformed', '0\r\nA: b\n\r\n'],
    ['a bare LF for the empty line', 'trailer-malformed', '0\r\n\n'],
    ['more trailers than anybody needs', 'trailer-malformed', `0\r\n${'A:\r\n'.repeat(65)}\r\n`],
    [
      'a length in a trailer (RFC 9110 §6.5.1)',
      'trailer-malformed',
      '0\r\nContent-Length: 5\r\n\r\n',
    ],
    [
      'a coding in a trailer (RFC 9110 §6.5.1)',
      'trailer-malformed',
      '0\r\nTransfer-Encoding: chunked\r\n\r\n',
    ],
    ['a host in a trailer (RFC 9110 §6.5.1)', 'trailer-malformed', '0\r\nHost: b\r\n\r\n'],
    ['a connection field in a trailer', 'trailer-malformed', '0\r\nConnection: close\r\n\r\n'],
  ])('with %s is refused: %s', (_, problem, text) => {
    expect(decoded(text).end).toBe(problem);
    expect(decoded(text, everyOctet(text))).toEqual(decoded(text));
  });

  it('has extensions up to a bound, all together', () => {
    const extension = `;${'x'.repeat(8191)}`;
    expect(decoded(`1${extension}\r\na\r\n0${extension}\r\n\r\n`)).toMatchObject({
      body: 'a',
      isDone: true,
    });
    expect(decoded(`1${extension}\r\na\r\n0${extension}x\r\n\r\n`).end).toBe('chunk-extension');
  });

  it('has trailers up to a bound', () => {
    const line = (bytes: number): string => `0\r\nA:${'x'.repeat(bytes - 6)}\r\n\r\n`;
    expect(decoded(line(8192)).isDone).toBe(true);
    expect(decoded(line(8193)).end).toBe('trailer-too-large');
  });

  it('is refused as soon as a size says that it will be too large', () => {
    expect(decoded('5\r\nhello\r\n0\r\n\r\n', [], 5).isDone).toBe(true);
    expect(decoded('5\r\nhello\r\n1\r\n', [], 5)).toMatchObject({
      body: 'hello',
      end: 'body-too-large',
    });
    expect(decoded('fffffffffffff\r\n', [], 5)).toMatchObject({ body: '', end: 'body-too-large' });
  });

  it('is not done while an octet is missing', () => {
    const text = '5;a\r\nhello\r\n0\r\nA: b\r\n\r\n';
    for (let length = 0; length < text.length; length++) {
      expect(decoded(text.slice(0, length))).toMatchObject({ end: length, isDone: false });
    }
  });

  it('takes nothing more once it is done', () => {
    const decoder = new ChunkedDecoder(names);
    const sink = new Collected();
    const bytes = Buffer.from('0\r\n\r\n5\r\nhello');
    expect(decoder.decode(bytes, 0, bytes.length, sink)).toBe(5);
    expect(decoder.decode(bytes, 5, bytes.length, sink)).toBe(5);
    expect(sink.text).toBe('');
  });

  it('goes on in one piece a read, however small its chunks are', () => {
    const pieces: string[] = [];
    const sink = {
      write: (bytes: Buffer, start: number, end: number) => {
        pieces.push(bytes.toString('latin1', start, end));
      },
    };
    const decoder = new ChunkedDecoder(names);
    const payloads = Array.from({ length: 2000 }, (_, at) => String(at).padStart(10, '.'));
    const text = payloads.map((payload) => `a;x=y\r\n${payload}\r\n`).join('');
    const bytes = Buffer.from(text);
    const half = text.length / 2 + 7;
    expect(decoder.decode(bytes, 0, half, sink)).toBe(half);
    expect(pieces).toHaveLength(1);
    const rest = Buffer.from(`${text.slice(half)}0\r\n\r\nGET / HTTP/1.1\r\n`);
    expect(decoder.decode(rest, 0, rest.length, sink)).toBe(rest.indexOf('GET'));
    expect(pieces).toHaveLength(2);
    expect(pieces.join('')).toBe(payloads.join(''));
    expect(rest.toString('latin1', rest.indexOf('GET'))).toBe('GET / HTTP/1.1\r\n');
  });

  it('gives on what came before a problem, in one piece', () => {
    expect(decoded(`${'1\r\na\r\n'.repeat(5)}x`)).toMatchObject({
      body: 'aaaaa',
      end: 'chunk-size',
    });
  });

  it('is what a simple encoder put into it, in whatever pieces it comes', () => {
    const chunk = fc.record({
      payload: fc
        .uint8Array({ minLength: 1, maxLength: 40 })
        .map((octets) => Buffer.from(octets).toString('latin1')),
      extension: fc.constantFrom('', '', ';a', ';a=b;c'),
      isUpper: fc.boolean(),
      zeros: fc.constantFrom('', '', '0', '00'),
    });
    const trailer = fc.constantFrom('', '', 'A: b\r\n', 'A: b\r\nX-C:\td \r\n');
    const behind = fc.constantFrom('', '\r\n', 'GET / HTTP/1.1\r\n', '0\r\n\r\n');
    const cuts = fc
      .array(fc.nat(400), { maxLength: 8 })
      .map((list) => list.toSorted((one, other) => one - other));
    fc.assert(
      fc.property(
        fc.array(chunk, { maxLength: 6 }),
        trailer,
        behind,
        cuts,
        (chunks, trailers, after, at) => {
          let text = '';
          for (const { payload, extension, isUpper, zeros } of chunks) {
            const size = payload.length.toString(16);
            text += `${zeros}${isUpper ? size.toUpperCase() : size}${extension}\r\n${payload}\r\n`;
          }
          text += `0\r\n${trailers}\r\n`;
          const expected = {
            body: chunks.map(({ payload }) => payload).join(''),
            end: text.length,
            isDone: true,
          };
          const pieces = at.filter((cut) => cut < text.length + after.length);
          expect(decoded(text + after, pieces)).toEqual(expected);
          expect(decoded(text + after, everyOctet(text + after))).toEqual(expected);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
