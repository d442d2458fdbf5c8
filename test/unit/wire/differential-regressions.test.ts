import { describe, expect, it } from 'vitest';
import { differenceBySplit, differenceFromNode } from '../../support/differential/difference.ts';
import { LIMITS } from '../../support/differential/limits.ts';
import { NodeReader } from '../../support/differential/node-reader.ts';
import { readPieces, readWhole } from '../../support/differential/our-reader.ts';
import { Pace } from '../../support/differential/sample.ts';

const node = new NodeReader();
const SECOND = 'GET /second HTTP/1.1\r\nHost: a\r\n\r\n';

/** How the connection ends, whether it comes as a whole or in two pieces; never otherwise than Node. */
function endOf(text: string): string {
  const bytes = Buffer.from(text, 'latin1');
  const whole = readWhole(bytes, false);
  for (let cut = 1; cut < bytes.length; cut++) {
    const pieces = readPieces(bytes, { cuts: [cut], pace: Pace.prompt, isStrict: false });
    expect(differenceBySplit(whole, pieces), `cut at ${String(cut)}`).toBeNull();
  }
  expect(differenceFromNode(whole, node.read(bytes))).toBeNull();
  return whole.reason === '' ? `${whole.end} after ${String(whole.requests.length)}` : whole.reason;
}

const chunked = (line: string, body = '0\r\n\r\n'): string =>
  `POST / HTTP/1.1\r\nHost: a\r\n${line}\r\n\r\n${body}${SECOND}`;
const old = (line: string): string => `GET / HTTP/1.0\r\n${line}\r\n\r\n${SECOND}`;
const padded = (headBytes: number): string => {
  const rest = 'GET / HTTP/1.1\r\nHost: a\r\nP: ';
  return `${rest}${'p'.repeat(headBytes - rest.length)}\r\n\r\n`;
};

describe('found by the differential test', () => {
  it.each(['chunked\t', 'chunked ', 'chunked \t ', 'chunked\xa0'])(
    'a blank behind the coding hides it from Node: %j is refused',
    (coding) => {
      expect(endOf(chunked(`Transfer-Encoding:${coding}`))).toBe('coding-malformed');
    },
  );

  it('blanks before the coding hide it from nobody', () => {
    expect(endOf(chunked('Transfer-Encoding: \t chunked'))).toBe('open after 2');
  });

  it.each([
    'Content-Length: 5',
    'content-length:',
    'Transfer-Encoding: chunked',
    'Connection: close',
    'Proxy-Connection: close',
    'Upgrade: h2c',
    'Host: b',
    'Trailer: x',
  ])('a trailer may not say what belongs into the head: %s is refused', (line) => {
    expect(endOf(chunked('Transfer-Encoding: chunked', `0\r\nX: y\r\n${line}\r\n\r\n`))).toBe(
      'trailer-malformed',
    );
  });

  it.each([
    'Connection: keep-alive\t',
    'Connection: keep-alive \t',
    'Connection: keep-alive\xa0',
    'Connection: x, keep-alive\t, y',
  ])('an HTTP/1.0 connection that Node would not keep is closed: %j', (line) => {
    expect(endOf(old(line))).toBe('closed after 1');
  });

  it.each(['Connection: keep-alive', 'Connection: x , Keep-Alive , y', 'Connection:\tkeep-alive'])(
    'an HTTP/1.0 connection is kept with %j',
    (line) => {
      expect(endOf(old(line))).toBe('open after 2');
    },
  );

  it.each(['Proxy-Connection: close', 'proxy-connection: x, CLOSE'])(
    'Node heeds the field of no standard, so do we: %s',
    (line) => {
      expect(endOf(`GET / HTTP/1.1\r\nHost: a\r\n${line}\r\n\r\n${SECOND}`)).toBe('closed after 1');
    },
  );

  it('a head of the greatest size is accepted in any two pieces', () => {
    expect(endOf(padded(LIMITS.headBytesMax))).toBe('open after 1');
    expect(endOf(`\r\n${padded(LIMITS.headBytesMax)}`)).toBe('open after 1');
  });

  it('a head of one octet more is refused in any two pieces', () => {
    expect(endOf(padded(LIMITS.headBytesMax + 1))).toBe('head-too-large');
    expect(endOf(`\r\n${padded(LIMITS.headBytesMax + 1)}`)).toBe('head-too-large');
  });

  it('one empty line before a request is skipped, in any two pieces (RFC 9112 §2.2)', () => {
    expect(endOf(`\r\n${SECOND}\r\n${SECOND}`)).toBe('open after 2');
  });

  it('a second empty line is refused, in any two pieces', () => {
    expect(endOf(`\r\n\r\n${SECOND}`)).toBe('request-line');
    expect(endOf(`${SECOND}\r\n\r\n${SECOND}`)).toBe('request-line');
  });

  it('a request line that is too long is refused with or without its end', () => {
    const line = `/${'x'.repeat(LIMITS.targetBytesMax + 80)}`;
    expect(endOf(`GET ${line}`)).toBe('target-too-long');
    expect(endOf(`GET ${line} HTTP/1.1\r\n`)).toBe('target-too-long');
  });
});
