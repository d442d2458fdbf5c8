import { describe, expect, it } from 'vitest';
import { ResponseHead } from '../../../src/wire/response-head.ts';

describe('a response head', () => {
  it('is as new after a reset, but for its text', () => {
    const head = new ResponseHead();
    Object.assign(head, {
      minor: 0,
      status: 200,
      reason: 'OK',
      contentLength: 1,
      isChunked: true,
      isCloseAsked: true,
      isKeepAliveAsked: true,
      nominated: ['x'],
      framing: 'chunked',
    });
    head.reset('text');
    const fresh = new ResponseHead();
    fresh.fields.reset('text');
    expect(head).toEqual(fresh);
  });
});
