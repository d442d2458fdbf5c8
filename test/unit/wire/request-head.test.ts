import { describe, expect, it } from 'vitest';
import { LENGTH_UNKNOWN, RequestHead } from '../../../src/wire/request-head.ts';

describe('a request head', () => {
  it.each([
    [LENGTH_UNKNOWN, false, false],
    [0, false, false],
    [1, false, true],
    [LENGTH_UNKNOWN, true, true],
  ])('with the length %i, chunked %s, has a body: %s', (contentLength, isChunked, hasBody) => {
    const head = new RequestHead();
    head.contentLength = contentLength;
    head.isChunked = isChunked;
    expect(head.hasBody).toBe(hasBody);
  });

  it('is as new after a reset, but for its text', () => {
    const head = new RequestHead();
    Object.assign(head, {
      method: 'GET',
      target: '/',
      minor: 0,
      host: 'a',
      authority: 'a:1',
      contentLength: 1,
      isChunked: true,
      isCloseAsked: true,
      isKeepAliveAsked: true,
      isContinueExpected: true,
      hasCookie: true,
      nominated: ['x'],
    });
    head.reset('text');
    const fresh = new RequestHead();
    fresh.fields.reset('text');
    expect(head).toEqual(fresh);
    expect(head.fields.text).toBe('text');
  });
});
