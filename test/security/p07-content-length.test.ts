import { describe, expect, it } from 'vitest';
import { itOnHttp1 } from '../support/lane.ts';
import { request } from '../support/request.ts';
import { bothAnswers, useScene } from '../support/scene.ts';

describe.each(bothAnswers)('P7: a length is one number, once, under %s', (answers) => {
  const scene = useScene({ answers });

  it.each([
    ['twice the same', ['Content-Length: 5', 'Content-Length: 5']],
    ['two that differ', ['Content-Length: 5', 'Content-Length: 6']],
    ['two with one of zero', ['Content-Length: 0', 'Content-Length: 5']],
    ['a list', ['Content-Length: 5,5']],
    ['a list with a blank', ['Content-Length: 5, 5']],
    ['a plus sign', ['Content-Length: +5']],
    ['a minus sign', ['Content-Length: -5']],
    ['an empty value', ['Content-Length:']],
    ['only blanks', ['Content-Length:   ']],
    ['hexadecimal', ['Content-Length: 0x5']],
    ['a fraction', ['Content-Length: 5.0']],
    ['an exponent', ['Content-Length: 5e0']],
    ['an underscore', ['Content-Length: 1_0']],
    ['a blank within', ['Content-Length: 1 0']],
    ['a letter behind', ['Content-Length: 5a']],
    ['quotes', ['Content-Length: "5"']],
    ['more digits than a number holds', ['Content-Length: 99999999999999999999']],
  ])('%s is 400 and closes', async (_kind, lines) => {
    await scene.refuses(request('POST', '/public/a', lines, 'hello'), 400);
  });

  // On HTTP/2 that is a field without a meaning, and the framing layer drops it.
  itOnHttp1('a blank before the colon is 400 and closes', async () => {
    await scene.refuses(request('POST', '/public/a', ['Content-Length : 5'], 'hello'), 400);
  });

  it('blanks around it do not matter', async () => {
    const received = await scene.passes(
      request('POST', '/public/a', ['Content-Length: \t5 \t'], 'hello'),
    );
    expect(received.values('content-length')).toEqual(['5']);
    expect(received.body.toString()).toBe('hello');
  });
});
