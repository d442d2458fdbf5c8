import { describe, expect, it } from 'vitest';
import { setTimeout as pause } from 'node:timers/promises';
import { chunked, respond, type Answer } from '../../support/recording-upstream.ts';
import { chunk, lastChunk, request } from '../../support/request.ts';
import { useScene } from '../../support/scene.ts';
import { waitFor } from '../../support/wait-for.ts';

const nameBack: Answer = (turn) => respond(200, [], turn.request.target)(turn);

describe('pipelined requests', () => {
  const scene = useScene({}, { answer: nameBack });

  it('are answered in order', async () => {
    await using client = await scene.connect();
    const targets = Array.from({ length: 50 }, (_, index) => `/public/${String(index)}`);
    client.write(targets.map((target) => request('GET', target)).join(''));
    const bodies = (await client.responses(50)).map((response) => response.text());
    expect(bodies).toEqual(targets);
  });

  it('are answered in order when the first is the slowest', async () => {
    scene.upstream.answer = async (turn) => {
      if (turn.request.target.endsWith('/0')) await pause(200);
      await nameBack(turn);
    };
    await using client = await scene.connect();
    client.write([0, 1, 2].map((index) => request('GET', `/public/${String(index)}`)).join(''));
    const bodies = (await client.responses(3)).map((response) => response.text());
    expect(bodies).toEqual(['/public/0', '/public/1', '/public/2']);
  });

  it('with bodies of both framings keep their borders', async () => {
    await using client = await scene.connect();
    const length = request('POST', '/public/1', ['Content-Length: 5'], 'hello');
    const coded = request(
      'POST',
      '/public/2',
      ['Transfer-Encoding: chunked'],
      chunk('a body ') + chunk('in two') + lastChunk,
    );
    client.write(length + coded + request('GET', '/public/3') + length);
    const responses = await client.responses(4);
    expect(responses.map((response) => response.status)).toEqual([200, 200, 200, 200]);
    const bodies = scene.forwarded().map((received) => received.body.toString());
    expect(bodies).toEqual(['hello', 'a body in two', '', 'hello']);
  });

  it('to the gateway itself and to the upstream keep their order', async () => {
    await using client = await scene.connect();
    client.write(
      request('GET', '/public/1') +
        request('GET', '/nobody') +
        request('OPTIONS', '*') +
        request('GET', '/public/2') +
        request('GET', '/auth/session', [`Cookie: ${scene.cookie}`]),
    );
    const statuses = (await client.responses(5)).map((response) => response.status);
    expect(statuses).toEqual([200, 401, 204, 200, 200]);
  });

  it('may come in pieces of one byte', async () => {
    await using client = await scene.connect();
    const bytes =
      request('POST', '/public/1', ['Content-Length: 2'], 'hi') + request('GET', '/public/2');
    await client.writePieces(bytes);
    const bodies = (await client.responses(2)).map((response) => response.text());
    expect(bodies).toEqual(['/public/1', '/public/2']);
  });

  it('after a refused one are not looked at', async () => {
    await using client = await scene.connect();
    client.write(
      request('GET', '/public/1') + request('GET', '/public/%zz') + request('GET', '/public/3'),
    );
    const statuses = (await client.responses(2)).map((response) => response.status);
    expect(statuses).toEqual([200, 400]);
    expect(await client.closed()).toBe('end');
    expect(client.pending).toHaveLength(0);
    expect(scene.forwarded().map((received) => received.target)).toEqual(['/public/1']);
  });

  it('answered by chunks are told apart by the client', async () => {
    scene.upstream.answer = chunked(['one ', 'two']);
    await using client = await scene.connect();
    client.write(request('GET', '/public/1') + request('GET', '/public/2'));
    const responses = await client.responses(2);
    expect(responses.map((response) => response.text())).toEqual(['one two', 'one two']);
    expect(responses.map((response) => response.framing)).toEqual(['chunked', 'chunked']);
  });

  it('without end are read only as fast as they are answered', async () => {
    scene.upstream.answer = () => new Promise<void>(() => {});
    await using client = await scene.connect();
    const one = request('GET', '/public/x', [`X: ${'y'.repeat(4000)}`]);
    // Far more than the sockets between us hold: what is not read stays with the client.
    for (let count = 0; count < 10_000; count++) client.write(one);
    await waitFor('the first to arrive', () => scene.forwarded().length > 0);
    await pause(300);
    expect(client.socket.writableLength).toBeGreaterThan(10_000_000);
    expect(scene.forwarded().length).toBeLessThanOrEqual(1);
  });
});
