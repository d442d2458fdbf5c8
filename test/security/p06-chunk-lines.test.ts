import { describe, expect, it } from 'vitest';
import { lastChunk, request } from '../support/request.ts';
import { bothAnswers, useScene } from '../support/scene.ts';

const post = (body: string): string =>
  request('POST', '/public/a', ['Transfer-Encoding: chunked'], body);

describe.each(bothAnswers)('P6: chunk lines are read strictly, under %s', (answers) => {
  const scene = useScene({ answers });

  it('extensions are dropped, the payload passes', async () => {
    const received = await scene.passes(
      post(`5;a=b\r\nhello\r\n6;c;d=e\r\n world\r\n0;f=g\r\n\r\n`),
    );
    expect(received.body.toString()).toBe('hello world');
    expect(scene.upstream.connections.map((seen) => seen.text()).join('')).not.toContain('a=b');
  });

  it('more than 16 KiB of extensions in one chunk is 413 and closes', async () => {
    await scene.refuses(post(`5;a=${'b'.repeat(16_384)}\r\nhello\r\n${lastChunk}`), 413);
  });

  it('more than 16 KiB of extensions in all is 413 and closes', async () => {
    await scene.refuses(post(`1;a=${'b'.repeat(1000)}\r\nx\r\n`.repeat(20) + lastChunk), 413);
  });

  it.each([
    ['a bare LF after the size', '5\nhello\r\n0\r\n\r\n'],
    ['a bare LF after an extension', '5;a=b\nhello\r\n0\r\n\r\n'],
    ['a bare LF after the payload', '5\r\nhello\n0\r\n\r\n'],
    ['a bare LF after the last chunk', '5\r\nhello\r\n0\n\r\n'],
    ['a bare LF at the very end', '5\r\nhello\r\n0\r\n\n'],
    ['a bare CR in an extension', '5;a\rb\r\nhello\r\n0\r\n\r\n'],
    ['a bare CR after the payload', '5\r\nhello\rx0\r\n\r\n'],
    ['an extension without a name', '5;\r\nhello\r\n0\r\n\r\n'],
    ['an extension with only a value', '5;=b\r\nhello\r\n0\r\n\r\n'],
    ['an extension that promises a value', '5;a=\r\nhello\r\n0\r\n\r\n'],
    ['an extension with an odd octet', '5;a=b/c\r\nhello\r\n0\r\n\r\n'],
    ['more payload than announced', '5\r\nhello!\r\n0\r\n\r\n'],
    ['less payload than announced', '6\r\nhello\r\n0\r\n\r\n'],
    ['a blank after the size', '5 \r\nhello\r\n0\r\n\r\n'],
    ['a blank before the size', ' 5\r\nhello\r\n0\r\n\r\n'],
    ['a prefix', '0x5\r\nhello\r\n0\r\n\r\n'],
    ['a sign', '+5\r\nhello\r\n0\r\n\r\n'],
    ['a negative size', '-5\r\nhello\r\n0\r\n\r\n'],
    ['no size', '\r\nhello\r\n0\r\n\r\n'],
    ['only an extension', ';a=b\r\nhello\r\n0\r\n\r\n'],
    ['a size beyond every number', 'fffffffffffffffff\r\nhello\r\n0\r\n\r\n'],
    ['a size that would wrap around', '10000000000000005\r\nhello\r\n0\r\n\r\n'],
    ['a broken trailer', '0\r\nno colon\r\n\r\n'],
    ['a folded trailer', '0\r\nA: b\r\n c\r\n\r\n'],
  ])('%s is 400 and closes', async (_kind, body) => {
    await scene.refuses(post(body), 400);
  });

  it('a body that turns out broken leaves no whole request and no connection at the upstream', async () => {
    scene.mark();
    const connections = scene.upstream.connections.length;
    await using client = await scene.connect();
    client.write(post('8\r\nunending\r\n'));
    await scene.upstream.requestBytes('unending');
    client.write('zz\r\n');
    expect((await client.response()).status).toBe(400);
    expect(await client.closed()).toBe('end');
    await scene.upstream.allClosed();
    expect(scene.forwarded()).toEqual([]);
    const used = scene.upstream.connections.slice(connections);
    for (const connection of used) expect(connection.text()).not.toContain('0\r\n\r\n');
  });
});
