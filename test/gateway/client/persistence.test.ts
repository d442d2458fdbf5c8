import { describe, expect, it } from 'vitest';
import { closing, ok } from '../../support/recording-upstream.ts';
import { request } from '../../support/request.ts';
import { useScene } from '../../support/scene.ts';

describe('a client connection', () => {
  const scene = useScene({ edge: { limits: { requestsPerConnectionMax: 5 } } });

  it('is kept', async () => {
    await using client = await scene.connect();
    for (let round = 0; round < 3; round++) {
      const response = await client.write(request('GET', '/public/x')).response();
      expect(response.status).toBe(200);
      expect(response.values('connection')).toEqual([]);
    }
  });

  it.each(['close', 'Close', 'keep-alive, close', 'x, CLOSE , y'])(
    'ends after Connection: %s',
    async (value) => {
      await using client = await scene.connect();
      const response = await client
        .write(request('GET', '/public/x', [`Connection: ${value}`]))
        .response();
      expect(response.status).toBe(200);
      expect(response.value('connection')).toBe('close');
      expect(await client.closed()).toBe('end');
    },
  );

  it('ends after Connection: close although more is pipelined', async () => {
    await using client = await scene.connect();
    client.write(request('GET', '/public/1', ['Connection: close']) + request('GET', '/public/2'));
    expect((await client.response()).status).toBe(200);
    expect(await client.closed()).toBe('end');
    expect(client.pending).toHaveLength(0);
    expect(scene.forwarded().map((received) => received.target)).toEqual(['/public/1']);
  });

  it('outlives an upstream connection that closes', async () => {
    scene.upstream.answer = [closing(200, 'bye'), ok()];
    await using client = await scene.connect();
    const first = await client.write(request('GET', '/public/1')).response();
    expect(first.text()).toBe('bye');
    expect(first.values('connection')).toEqual([]);
    const second = await client.write(request('GET', '/public/2')).response();
    expect(second.text()).toBe('ok');
  });

  it('ends after as many requests as are allowed, and says so', async () => {
    await using client = await scene.connect();
    client.write(request('GET', '/public/x').repeat(6));
    const responses = await client.responses(5);
    expect(responses.map((response) => response.value('connection'))).toEqual([
      ...Array<undefined>(4).fill(undefined),
      'close',
    ]);
    expect(await client.closed()).toBe('end');
    expect(scene.forwarded()).toHaveLength(5);
  });

  it('may begin a request with an empty line', async () => {
    await using client = await scene.connect();
    client.write(`\r\n${request('GET', '/public/x')}\r\n${request('GET', '/public/y')}`);
    const statuses = (await client.responses(2)).map((response) => response.status);
    // RFC 9112 §2.2 allows a server to ignore one, and clients of old sent one after a body.
    expect(statuses).toEqual([200, 200]);
  });
});
