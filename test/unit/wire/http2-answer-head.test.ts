import type { ServerHttp2Stream } from 'node:http2';
import { describe, expect, it } from 'vitest';
import { sendHead, sendInterimHead, withFirstOf } from '../../../src/wire/http2-answer-head.ts';

/** The library as Node 24.7 has it: it throws at the first field that has to be single and is not. */
class StrictStream {
  readonly sent: unknown[] = [];
  readonly #once: readonly string[] = ['age', 'user-agent'];

  respond(fields: readonly string[], options: unknown): void {
    const names = fields.filter((_, index) => index % 2 === 0);
    const twice = names.find((name, at) => this.#once.includes(name) && names.indexOf(name) !== at);
    if (twice !== undefined)
      throw new TypeError(`Header field "${twice}" must only have a single value`);
    this.sent.push(fields, options);
  }

  additionalHeaders(fields: Readonly<Record<string, unknown>>): void {
    if (Array.isArray(fields['age'])) {
      throw new TypeError('Header field "age" must only have a single value');
    }
    this.sent.push(fields);
  }
}

const streams = (): [StrictStream, ServerHttp2Stream] => {
  const stream = new StrictStream();
  return [stream, stream as unknown as ServerHttp2Stream]; // what is asked of it, it has
};

describe('an answer on HTTP/2, where the library wants fields once', () => {
  it('keeps the first of what is said twice, and all others as they are', () => {
    const [seen, stream] = streams();
    const fields = [':status', '200', 'age', '1', 'vary', 'a', 'user-agent', 'x', 'age', '2'];
    sendHead(stream, [...fields, 'vary', 'b', 'user-agent', 'y'], { endStream: true });
    expect(seen.sent).toEqual([[...fields.slice(0, 8), 'vary', 'b'], { endStream: true }]);
  });

  it('does without an interim answer that has to be mended', () => {
    const [seen, stream] = streams();
    sendInterimHead(
      stream,
      Object.fromEntries([
        [':status', '103'],
        ['age', ['1', '2']],
      ]),
    );
    sendInterimHead(stream, { ':status': '103', age: '1' });
    expect(seen.sent).toEqual([{ ':status': '103', age: '1' }]);
  });

  it('hides no other error', () => {
    const [seen, stream] = streams();
    seen.respond = () => {
      throw new Error('another');
    };
    expect(() => sendHead(stream, [':status', '200'], {})).toThrow('another');
  });

  it('leaves lists alone that say nothing twice', () => {
    const fields = [':status', '200', 'set-cookie', 'a', 'set-cookie', 'b'];
    expect(withFirstOf(fields, ['age'])).toEqual(fields);
  });
});
