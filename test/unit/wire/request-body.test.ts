import { describe, expect, it } from 'vitest';
import { FieldNames } from '../../../src/http/field-names.ts';
import { RequestBody } from '../../../src/wire/request-body.ts';
import { RequestHead } from '../../../src/wire/request-head.ts';
import { Collected } from '../../support/collected.ts';

const names = new FieldNames([]);

function bodyOf(
  framing: Partial<Pick<RequestHead, 'contentLength' | 'isChunked'>>,
  bodyBytesMax = 0,
): RequestBody {
  const body = new RequestBody(names);
  body.begin(Object.assign(new RequestHead(), framing), bodyBytesMax);
  return body;
}

function fed(body: RequestBody, text: string): [used: number | string, body: string] {
  const sink = new Collected();
  const bytes = Buffer.from(text, 'latin1');
  return [body.feed(bytes, 0, bytes.length, sink), sink.text];
}

describe('the body of a request', () => {
  it('is over before it begins where none was announced', () => {
    expect(bodyOf({}).isDone).toBe(true);
    expect(bodyOf({ contentLength: 0 }).isDone).toBe(true);
    expect(fed(bodyOf({}), 'GET')).toEqual([0, '']);
  });

  it('of known length ends at its last octet and takes none behind it', () => {
    const body = bodyOf({ contentLength: 5 });
    expect(fed(body, 'abc')).toEqual([3, 'abc']);
    expect(body.isDone).toBe(false);
    expect(fed(body, 'deGET')).toEqual([2, 'de']);
    expect(body.isDone).toBe(true);
    expect(fed(body, 'GET')).toEqual([0, '']);
  });

  it('in chunks ends at its last octet and takes none behind it', () => {
    const body = bodyOf({ isChunked: true });
    expect(body.isDone).toBe(false);
    expect(fed(body, '3\r\nabc')).toEqual([6, 'abc']);
    expect(fed(body, '\r\n0\r\n\r\nGET')).toEqual([7, '']);
    expect(body.isDone).toBe(true);
  });

  it('in chunks may be refused', () => {
    expect(fed(bodyOf({ isChunked: true }), 'x')).toEqual(['chunk-size', '']);
    expect(fed(bodyOf({ isChunked: true }, 2), '3\r\nabc')).toEqual(['body-too-large', '']);
  });

  it('is another one for each request', () => {
    const body = bodyOf({ isChunked: true });
    fed(body, '5\r\nab');
    body.begin(Object.assign(new RequestHead(), { contentLength: 2 }), 0);
    expect(fed(body, 'abc')).toEqual([2, 'ab']);
    body.begin(Object.assign(new RequestHead(), { isChunked: true }), 0);
    expect(fed(body, '1\r\nx\r\n0\r\n\r\n')).toEqual([11, 'x']);
  });
});
