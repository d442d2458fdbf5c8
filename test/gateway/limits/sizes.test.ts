import { describe, expect, it } from 'vitest';
import { chunk, lastChunk, request } from '../../support/request.ts';
import { bothAnswers, useScene } from '../../support/scene.ts';
import { waitFor } from '../../support/wait-for.ts';

describe.each(bothAnswers)('the limits of a request, under %s', (answers) => {
  const scene = useScene({
    answers,
    edge: {
      limits: { headBytesMax: '2KiB', fieldsMax: 10, targetBytesMax: 256, bodyBytesMax: 1000 },
    },
  });

  it('a target of 256 bytes passes, one more is 414', async () => {
    const target = (bytes: number): string => `/public/${'x'.repeat(bytes - '/public/'.length)}`;
    expect((await scene.passes(request('GET', target(256)))).target).toBe(target(256));
    await scene.refuses(request('GET', target(257)), 414);
  });

  it('a query counts as well', async () => {
    await scene.refuses(request('GET', `/public/x?${'y'.repeat(256)}`), 414);
  });

  it('ten fields pass, one more is 431', async () => {
    const lines = (count: number): string[] =>
      Array.from({ length: count }, (_, at) => `a${String(at)}: b`);
    await scene.passes(request('GET', '/public/x', lines(9)));
    await scene.refuses(request('GET', '/public/x', lines(10)), 431);
  });

  describe('a head of two KiB before its empty line', () => {
    const empty = request('GET', '/public/x', ['X: ']).length - '\r\n\r\n'.length;
    const head = (bytes: number): string =>
      request('GET', '/public/x', [`X: ${'y'.repeat(bytes - empty)}`]);

    it('passes, one byte more is 431', async () => {
      await scene.passes(head(2048));
      await scene.refuses(head(2049), 431);
    });

    it('passes in pieces, one byte more is 431 as well', async () => {
      for (const [bytes, status] of [
        [2048, 200],
        [2049, 431],
      ] as const) {
        await using client = await scene.connect();
        const text = head(bytes);
        await client.writePieces([text.slice(0, 1000), text.slice(1000, 2040), text.slice(2040)]);
        expect((await client.response()).status).toBe(status);
      }
    });
  });

  it('a body of 1000 bytes passes, one more is 413 before any of it is read', async () => {
    const body = (bytes: number): string =>
      request('POST', '/public/x', [`Content-Length: ${String(bytes)}`], 'x'.repeat(bytes));
    await scene.passes(body(1000));
    await scene.refuses(body(1001), 413);
  });

  it('chunks of 1000 bytes in all pass, one more is 413', async () => {
    const body = (...sizes: readonly number[]): string =>
      request(
        'POST',
        '/public/x',
        ['Transfer-Encoding: chunked'],
        sizes.map((size) => chunk('x'.repeat(size))).join('') + lastChunk,
      );
    await scene.passes(body(500, 500));
    await scene.refuses(body(500, 501), 413);
    await scene.refuses(body(100_000), 413);
  });

  it('unknown methods are 501, known ones pass', async () => {
    await scene.refuses(request('BREW', '/public/x'), 501);
    await scene.refuses(request('get', '/public/x'), 501);
    for (const method of ['PROPFIND', 'REPORT', 'QUERY', 'PURGE']) {
      expect((await scene.passes(request(method, '/public/x'))).method).toBe(method);
    }
  });
});

describe('a listener that takes large heads', () => {
  const scene = useScene({
    edge: { limits: { headBytesMax: '256KiB' }, timeouts: { head: '3s' } },
  });
  const received = (): Promise<number> =>
    scene.gateway.metric('portcullis_received_bytes_total', 'listener="edge"');

  it.each([
    [20_480, 17_000],
    [65_000, 20_000],
    [262_000, 200_000],
  ])('takes one of %i bytes of which the first %i come alone', async (bytes, first) => {
    const text = request('GET', '/public/x', [`X: ${'y'.repeat(bytes)}`]);
    await using client = await scene.connect();
    const before = await received();
    client.write(text.slice(0, first));
    await waitFor('the first part to be read', async () => (await received()) - before >= first);
    client.write(text.slice(first));
    expect((await client.response()).status).toBe(200);
    expect(scene.forwarded()[0]?.values('x')).toEqual(['y'.repeat(bytes)]);
  });

  it('is not held up by a Connection field of 125,000 names', async () => {
    const lines = [`Connection: ${'a,'.repeat(125_000)}x-gone`, 'X-Gone: 1', 'X-Stays: 2'];
    await using client = await scene.connect();
    // Each takes some milliseconds; with a copy of the list for each name one alone takes many seconds.
    for (let round = 0; round < 20; round++) {
      const response = await client.write(request('GET', '/public/x', lines)).response();
      expect(response.status).toBe(200);
    }
    for (const { head } of scene.forwarded()) expect(head).not.toContain('X-Gone');
    expect(scene.forwarded()[0]?.values('x-stays')).toEqual(['2']);
  });
});
