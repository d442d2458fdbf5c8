import { describe, expect, it } from 'vitest';
import { HEAD_END, refusalOfPartialHead } from '../../../src/wire/head-search.ts';

const LIMITS = { headBytesMax: 1000, targetBytesMax: 100 };

describe('a part of a head', () => {
  it.each([
    'G',
    '\r',
    'GET / HTTP/1.1',
    'GET / HTTP/1.1\r',
    'GET / HTTP/1.1\r\n',
    'GET / HTTP/1.1\r\nA: b\r\n',
    'GET / HTTP/1.1\r\nA: b\r\n\r',
  ])('may become a whole one: %j', (text) => {
    expect(refusalOfPartialHead(text, LIMITS)).toBeNull();
  });

  it.each([
    ['GET / HTTP/1.1\n', 'bare-line-feed'],
    ['GET / HTTP/1.1\r\nA: b\n', 'bare-line-feed'],
    ['GET / HTTP/1.1\r\nA: b\n\n', 'bare-line-feed'],
    ['GET / HTTP/1.1\r\n\n', 'bare-line-feed'],
    ['GET / HTTP/1.0\nA', 'bare-line-feed'],
    ['\n', 'version'],
    ['GET /\n', 'version'],
    ['GET /x\nHost: a\r\n', 'version'],
    ['GET / HTTP/2.0\n', 'version'],
    ['x'.repeat(165), 'target-too-long'],
    [`GET /${'x'.repeat(165)} HTTP/1.1\r\n`, 'target-too-long'],
    [`GET / HTTP/1.1\r\n${'x'.repeat(1000)}`, 'head-too-large'],
  ])('can never become one: %j is refused for %s', (text, refusal) => {
    expect(refusalOfPartialHead(text, LIMITS)).toBe(refusal);
  });

  it('may be as long as a whole head of the greatest size without its last octet', () => {
    const line = 'GET / HTTP/1.1\r\nA: ';
    const longest = `${line}${'b'.repeat(LIMITS.headBytesMax - line.length)}\r\n\r`;
    expect(longest).toHaveLength(LIMITS.headBytesMax + HEAD_END.length - 1);
    expect(refusalOfPartialHead(longest, LIMITS)).toBeNull();
    expect(refusalOfPartialHead(`${longest}x`, LIMITS)).toBe('head-too-large');
  });
});
