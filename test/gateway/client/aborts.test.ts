import { describe, expect, it } from 'vitest';
import { never, ok, raw, rawThenEnd, reset, slowly } from '../../support/recording-upstream.ts';
import { request } from '../../support/request.ts';
import { useScene } from '../../support/scene.ts';
import { waitFor } from '../../support/wait-for.ts';

describe('a client that leaves', () => {
  const scene = useScene();

  it('takes its upstream connection with it while it waits for the answer', async () => {
    scene.upstream.answer = never();
    const client = await scene.connect();
    client.write(request('GET', '/public/x'));
    await scene.upstream.requestCount(scene.upstream.requests.length + 1);
    client.reset();
    await scene.upstream.allClosed();
    const line = await scene.gateway.accessLine(
      'the abort',
      (seen) => seen['outcome'] === 'client-abort',
    );
    expect(line).toMatchObject({ method: 'GET', path: '/public/x' });
  });

  it('takes its upstream connection with it in the middle of the answer', async () => {
    scene.upstream.answer = async ({ connection }) => {
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n');
      connection.write(Buffer.alloc(1_000_000));
      await new Promise<void>(() => {});
    };
    const client = await scene.connect();
    client.write(request('GET', '/public/x'));
    await waitFor('part of the answer', () => client.pending.length > 1000);
    client.reset();
    await scene.upstream.allClosed();
  });

  it('takes its upstream connection with it in the middle of its body', async () => {
    const client = await scene.connect();
    client.write(
      request('POST', '/public/x', ['Transfer-Encoding: chunked'], '9\r\nleft here\r\n'),
    );
    await scene.upstream.requestBytes('left here');
    client.reset();
    await scene.upstream.allClosed();
  });

  it('in order, without a reset, is noticed as well', async () => {
    scene.upstream.answer = never();
    const client = await scene.connect();
    client.write(request('GET', '/public/x'));
    await scene.upstream.requestCount(scene.upstream.requests.length + 1);
    client.socket.destroy();
    await scene.upstream.allClosed(20_000);
  });

  it('leaves nothing behind', async () => {
    scene.upstream.answer = never();
    for (let round = 0; round < 20; round++) {
      const client = await scene.connect();
      client.write(request('GET', '/public/x'));
      await scene.upstream.requestCount(scene.upstream.requests.length + 1);
      client.reset();
    }
    scene.upstream.answer = ok();
    await waitFor('no connection to be left', async () => {
      const client = await scene.gateway.metric('portcullis_connections_active', 'listener="edge"');
      const upstream = await scene.gateway.metric('portcullis_upstream_connections_open');
      return client === 0 && upstream === 0;
    });
    expect((await scene.send(request('GET', '/public/x'))).response.status).toBe(200);
  });
});

describe('an upstream that leaves', () => {
  const scene = useScene();

  it('before its answer is a 502 for a request that is not sent twice', async () => {
    scene.upstream.answer = reset();
    const post = request('POST', '/public/x', ['Content-Length: 0']);
    expect((await scene.send(post)).response.status).toBe(502);
    const connection = await scene.connect();
    connection.write(post + post);
    const statuses = (await connection.responses(2)).map((response) => response.status);
    expect(statuses).toEqual([502, 502]);
    connection.reset();
  });

  it('in the middle of a body with a length cuts the client off', async () => {
    scene.upstream.answer = reset('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
    await using client = await scene.connect();
    client.write(request('GET', '/public/x'));
    await expect(client.response()).rejects.toThrow(/the connection ended/);
  });

  it('in the middle of a chunked body cuts the client off', async () => {
    scene.upstream.answer = reset(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
    );
    await using client = await scene.connect();
    client.write(request('GET', '/public/x'));
    await expect(client.response()).rejects.toThrow(/the connection ended/);
    expect(client.pending.toString('latin1')).not.toContain('0\r\n\r\n');
  });

  it('in the middle of a body without a length cuts the client off', async () => {
    scene.upstream.answer = reset('HTTP/1.1 200 OK\r\n\r\nhalf');
    await using client = await scene.connect();
    client.write(request('GET', '/public/x'));
    await expect(client.response()).rejects.toThrow(/the connection ended/);
  });

  it.each([
    ['reset', 'with a reset', reset('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf')],
    ['closed', 'with a FIN', rawThenEnd('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf')],
    [
      'malformed',
      'with nonsense',
      raw('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nx'),
    ],
  ])('in the middle of an answer is counted once: %s, %s', async (reason, _kind, answer) => {
    const failures = (): Promise<number> =>
      scene.gateway.metric('portcullis_upstream_failures_total');
    const ofReason = (): Promise<number> =>
      scene.gateway.metric('portcullis_upstream_failures_total', `"${reason}"`);
    const before = [await failures(), await ofReason()] as const;
    scene.upstream.answer = answer;
    for (let round = 0; round < 3; round++) {
      await using client = await scene.connect();
      await client.write(request('GET', '/public/x')).closed();
    }
    scene.upstream.answer = ok();
    await scene.passes(request('GET', '/public/x'));
    expect([await failures(), await ofReason()]).toEqual([before[0] + 3, before[1] + 3]);
  });

  it('is named in the access log', async () => {
    scene.upstream.answer = reset();
    await scene.send(request('POST', '/public/left', ['Content-Length: 0']));
    const line = await scene.gateway.accessLine(
      'the reset',
      (seen) => seen['path'] === '/public/left',
    );
    expect(line['status']).toBe(502);
    expect(line['outcome']).toMatch(/^(ok|upstream.*:(reset|closed))$/);
  });
});

describe('a client that half-closes after its request', () => {
  const scene = useScene();

  it('gets its answer', async () => {
    scene.upstream.answer = slowly('', 200, 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    await using client = await scene.connect();
    client.write(request('GET', '/public/x')).end();
    const response = await client.response();
    expect(response.status).toBe(200);
    expect(response.text()).toBe('ok');
    expect(await client.closed()).toBe('end');
  });

  it('gets the answers to all that it had sent', async () => {
    await using client = await scene.connect();
    client
      .write(request('GET', '/public/1') + request('GET', '/public/2') + request('GET', '/nobody'))
      .end();
    const statuses = (await client.responses(3)).map((response) => response.status);
    expect(statuses).toEqual([200, 200, 401]);
    expect(await client.closed()).toBe('end');
  });

  it('gets a long answer to its end', async () => {
    const body = Buffer.alloc(2_000_000, 'x');
    scene.upstream.answer = raw(
      Buffer.concat([
        Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${String(body.length)}\r\n\r\n`),
        body,
      ]),
    );
    await using client = await scene.connect();
    client.write(request('GET', '/public/x')).end();
    expect((await client.response()).body).toHaveLength(body.length);
  });

  it('gets its answer after a body', async () => {
    await using client = await scene.connect();
    client.write(request('POST', '/public/x', ['Content-Length: 5'], 'hello')).end();
    expect((await client.response()).status).toBe(200);
  });

  it('in the middle of a head or a body has no request', async () => {
    for (const bytes of [
      'GET /public/x HTTP/1.1\r\nHo',
      request('POST', '/public/x', ['Content-Length: 9'], 'part'),
    ]) {
      await using client = await scene.connect();
      client.write(bytes).end();
      await client.closed();
      expect(client.pending.toString('latin1')).toMatch(/^(HTTP\/1\.1 400 |$)/);
    }
    expect(scene.forwarded()).toEqual([]);
  });
});
