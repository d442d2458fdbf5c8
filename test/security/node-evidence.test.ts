import { createServer } from 'node:http';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { RawClient } from '../support/raw-client.ts';
import { request } from '../support/request.ts';
import { bothAnswers, useScene } from '../support/scene.ts';

const fillers = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => `a${String(at)}: b`);
const post = (...lines: readonly string[]): string =>
  request('POST', '/public/x', lines, '5\r\nhello\r\n0\r\n\r\n');
const chunked = (body: string): string =>
  request('POST', '/public/x', ['Transfer-Encoding: chunked'], body);

/** What was tried against Node's own server, and the status that a gateway has to give. */
const inputs: readonly (readonly [input: string, bytes: string, status: number])[] = [
  ['a bare LF after the target', 'GET /x\nHost: a\r\nContent-Length: 5\r\n\r\nhello', 505],
  ['a cut off second line', 'GET /x HTTP/1.1\r\nHost\r\n\r\n', 400],
  ['HTTP/2.0', 'GET /x HTTP/2.0\r\nHost: a\r\n\r\n', 505],
  ['a bare LF in a field', request('GET', '/public/x', ['A: b\nC: d']), 400],
  ['a bare CR in a field', request('GET', '/public/x', ['A: b\rC: d']), 400],
  ['a folded line', request('GET', '/public/x', ['A: b', ' c']), 400],
  ['a blank before a colon', request('GET', '/public/x', ['A : b']), 400],
  ['an empty name', request('GET', '/public/x', [': b']), 400],
  ['a length and a coding', post('Content-Length: 5', 'Transfer-Encoding: chunked'), 400],
  ['xchunked', post('Transfer-Encoding: xchunked'), 501],
  ['chunked, identity', post('Transfer-Encoding: chunked, identity'), 400],
  ['two lengths', post('Content-Length: 5', 'Content-Length: 5'), 400],
  ['a signed length', post('Content-Length: +1'), 400],
  ['a list of lengths', post('Content-Length: 1, 1'), 400],
  ['gzip, chunked', post('Transfer-Encoding: gzip, chunked'), 501],
  [
    'HTTP/1.0 with a coding',
    'POST /x HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
  ],
  ['a chunk extension', chunked('5;a=b\r\nhello\r\n0\r\n\r\n'), 200],
  ['a bare LF after a chunk size', chunked('5\nhello\r\n0\r\n\r\n'), 400],
  ['a bare LF after a chunk extension', chunked('5;a=b\nhello\r\n0\r\n\r\n'), 400],
  ['a trailer X-UserInfo', chunked('0\r\nX-UserInfo: root\r\n\r\n'), 200],
  ['two Hosts', request('GET', '/public/x', ['Host: b']), 400],
  ['a path in Host', 'GET /public/x HTTP/1.1\r\nHost: a/b?c\r\n\r\n', 400],
  ['a user in Host', 'GET /public/x HTTP/1.1\r\nHost: u@a\r\n\r\n', 400],
  ['no Host', 'GET /public/x HTTP/1.1\r\n\r\n', 400],
  ['absolute-form', request('GET', 'http://internal:9/x'), 400],
  ['a fragment', request('GET', '/public/x#f'), 400],
  ['backslashes', request('GET', '/public/a\\..\\b'), 400],
  ['a byte 0xff', request('GET', '/public/\xff'), 400],
  ['an at sign', request('GET', '@evil'), 400],
  ['X_UserInfo', request('GET', '/public/x', ['X_UserInfo: root']), 200],
  ['X.UserInfo', request('GET', '/public/x', ['X.UserInfo: root']), 200],
  ['X~UserInfo', request('GET', '/public/x', ['X~UserInfo: root']), 200],
  ['152 fields', request('GET', '/public/x', fillers(152)), 431],
  [
    '990 fields and a length',
    request('GET', '/public/x', [...fillers(990), 'Content-Length: 5'], 'hello'),
    431,
  ],
  [
    '1005 fields and a length',
    request('GET', '/public/x', [...fillers(1005), 'Content-Length: 5'], 'hello'),
    431,
  ],
  ['CONNECT', 'CONNECT internal:9 HTTP/1.1\r\nHost: internal:9\r\n\r\n', 405],
  ['TRACE', request('TRACE', '/public/x'), 405],
  ['GET with a body', request('GET', '/public/x', ['Content-Length: 5'], 'hello'), 200],
  ['two Cookie fields', request('GET', '/public/x', ['Cookie: a=1', 'Cookie: b=2']), 200],
  ['__proto__', request('GET', '/public/x', ['__proto__: x']), 200],
  ['an upgrade to h2c', request('GET', '/public/x', ['Connection: Upgrade', 'Upgrade: h2c']), 200],
  [
    'POST with an upgrade',
    request('POST', '/public/x', ['Connection: Upgrade', 'Upgrade: websocket']),
    200,
  ],
];

describe.each(bothAnswers)(
  'every input of the evidence table has its status, under %s',
  (answers) => {
    const scene = useScene({ answers, edge: { limits: { headBytesMax: '64KiB' } } });

    it.each(inputs)('%s', async (_input, bytes, status) => {
      if (status === 200) {
        const received = await scene.passes(bytes);
        expect(received.head).not.toContain('root');
        expect(received.trailers).toEqual([]);
      } else {
        await scene.refuses(bytes, status);
      }
    });

    it('//evil/x is the path /evil/x of this server', async () => {
      const received = await scene.passes(request('GET', '//evil/x', [`Cookie: ${scene.cookie}`]));
      expect(received.target).toBe('/evil/x');
    });

    it('a name outside ASCII in a value we write is no crash', async () => {
      const received = await scene.passes(request('GET', '/public/x', ['A: \xe9']));
      expect(received.values('a')).toEqual(['\xe9']);
    });
  },
);

describe('the table is about something', () => {
  it('Node’s own server still accepts inputs that are refused here', async () => {
    const server = createServer((_request, response) => response.end('ok'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const accepted: string[] = [];
    for (const [input, bytes, status] of inputs) {
      if (status === 200) continue;
      await using client = await RawClient.connect(address.port);
      client.write(bytes).end();
      await client.closed();
      if (client.pending.toString('latin1').startsWith('HTTP/1.1 200')) accepted.push(input);
    }
    server.close();
    expect(accepted).toContain('gzip, chunked');
    expect(accepted).toContain('two Hosts');
  });
});
