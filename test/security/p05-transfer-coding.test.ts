import { describe, expect, it } from 'vitest';
import { chunk, lastChunk, request } from '../support/request.ts';
import { bothAnswers, useScene } from '../support/scene.ts';

const body = chunk('hello') + lastChunk;

describe.each(bothAnswers)('P5: the only transfer coding is chunked, once, under %s', (answers) => {
  const scene = useScene({ answers });

  it.each([
    ['an unknown coding', ['Transfer-Encoding: xchunked'], 501],
    ['identity', ['Transfer-Encoding: identity'], 501],
    ['gzip before it', ['Transfer-Encoding: gzip, chunked'], 501],
    ['something after it', ['Transfer-Encoding: chunked, identity'], 400],
    ['chunked twice', ['Transfer-Encoding: chunked, chunked'], 400],
    ['a blank before the colon', ['Transfer-Encoding : chunked'], 400],
    ['a tab before the colon', ['Transfer-Encoding\t: chunked'], 400],
    ['a folded line', ['Transfer-Encoding:', ' chunked'], 400],
    ['a folded line after another field', ['X: y', ' Transfer-Encoding: chunked'], 400],
    ['an empty value', ['Transfer-Encoding:'], 400],
    ['quotes', ['Transfer-Encoding: "chunked"'], 400],
    ['a vertical tab', ['Transfer-Encoding: \x0bchunked'], 400],
    ['a NUL', ['Transfer-Encoding: chunked\x00'], 400],
    ['two fields', ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], 400],
    ['two fields, one of them odd', ['Transfer-Encoding: chunked', 'Transfer-Encoding: x'], 400],
    ['a bare CR', ['X: y\rTransfer-Encoding: chunked'], 400],
    ['a bare LF', ['X: y\nTransfer-Encoding: chunked'], 400],
  ])('%s is refused and closes', async (_kind, lines, status) => {
    await scene.refuses(request('POST', '/public/a', lines, body), status);
  });

  it('HTTP/1.0 has no transfer coding: 400', async () => {
    const head = 'POST /public/a HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
    await scene.refuses(head + body, 400);
  });

  it.each(['chunked', 'Chunked', 'CHUNKED'])('%s is the coding', async (coding) => {
    const lines = [`Transfer-Encoding: ${coding}`];
    const received = await scene.passes(request('POST', '/public/a', lines, body));
    expect(received.values('transfer-encoding')).toEqual(['chunked']);
    expect(received.body.toString()).toBe('hello');
  });
});
