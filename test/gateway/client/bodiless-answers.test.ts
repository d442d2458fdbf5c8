import { describe, expect, it } from 'vitest';
import { raw, respond } from '../../support/recording-upstream.ts';
import { request } from '../../support/request.ts';
import { useScene } from '../../support/scene.ts';

describe('answers without a body', () => {
  const scene = useScene();

  it('to HEAD keep the length that GET would have', async () => {
    scene.upstream.answer = respond(200, [['ETag', '"a"']], 'hello');
    const head = await scene.send(request('HEAD', '/public/x'));
    expect(head.response.status).toBe(200);
    expect(head.response.value('content-length')).toBe('5');
    expect(head.response.value('etag')).toBe('"a"');
  });

  it('to HEAD may say that the body would be chunked', async () => {
    scene.upstream.answer = raw('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
    await using client = await scene.connect();
    client.write(request('HEAD', '/public/x') + request('HEAD', '/public/x'));
    for (const response of await client.responses(2, 'HEAD')) {
      expect(response.status).toBe(200);
      expect(response.body).toHaveLength(0);
    }
  });

  it('of our own to HEAD have a length and no body', async () => {
    await using client = await scene.connect();
    client.write(request('HEAD', '/nobody') + request('GET', '/nobody'));
    const [head] = await client.responses(1, 'HEAD');
    const [get] = await client.responses(1, 'GET');
    expect(head?.status).toBe(401);
    expect(get?.status).toBe(401);
    expect(head?.value('content-length')).toBe(get?.value('content-length'));
  });

  it.each([204, 304])('of status %i have none, and the connection lives on', async (status) => {
    scene.upstream.answer = raw(`HTTP/1.1 ${String(status)} Scripted\r\nETag: "a"\r\n\r\n`);
    await using client = await scene.connect();
    client.write(request('GET', '/public/x') + request('GET', '/public/y'));
    for (const response of await client.responses(2)) {
      expect(response.status).toBe(status);
      expect(response.value('etag')).toBe('"a"');
      expect(response.values('transfer-encoding')).toEqual([]);
    }
  });

  it('of status 204 have no length', async () => {
    scene.upstream.answer = raw('HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n');
    const { response } = await scene.send(request('GET', '/public/x'));
    expect(response.status).toBe(204);
    expect(response.values('content-length')).toEqual([]);
  });

  it('of status 304 may name the length of what they stand for', async () => {
    scene.upstream.answer = raw('HTTP/1.1 304 Not Modified\r\nContent-Length: 999\r\n\r\n');
    await using client = await scene.connect();
    client.write(request('GET', '/public/x') + request('GET', '/public/y'));
    const statuses = (await client.responses(2)).map((response) => response.status);
    expect(statuses).toEqual([304, 304]);
  });

  it('with a length of zero are whole', async () => {
    scene.upstream.answer = respond(200);
    const { response } = await scene.send(request('GET', '/public/x'));
    expect(response.value('content-length')).toBe('0');
  });
});

describe('informational answers', () => {
  const scene = useScene();
  const final = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

  it('of an upstream reach the client before the final one', async () => {
    scene.upstream.answer = raw(`HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n${final}`);
    const { response } = await scene.send(request('GET', '/public/x'));
    expect(response.status).toBe(200);
    expect(response.informational.map((head) => head.startLine)).toEqual([
      'HTTP/1.1 103 Early Hints',
    ]);
    expect(response.informational[0]?.fields).toContainEqual(['Link', '</a.css>']);
  });

  it('say nothing of ours either', async () => {
    scene.upstream.answer = raw(
      `HTTP/1.1 103 Early Hints\r\nX-UserInfo: root\r\nSet-Cookie: portcullis=x\r\nConnection: X\r\nX: y\r\n\r\n${final}`,
    );
    const { response } = await scene.send(request('GET', '/public/x'));
    const names = response.informational.flatMap(({ fields }) =>
      fields.map(([name]) => name.toLowerCase()),
    );
    for (const name of ['x-userinfo', 'set-cookie', 'x', 'connection'])
      expect(names).not.toContain(name);
  });

  it('of an upstream are not for HTTP/1.0', async () => {
    scene.upstream.answer = raw(`HTTP/1.1 103 Early Hints\r\n\r\n${final}`);
    const { response } = await scene.send('GET /public/x HTTP/1.0\r\n\r\n');
    expect(response.informational).toEqual([]);
    expect(response.status).toBe(200);
  });

  it('a 100 that nobody asked for does not reach the client', async () => {
    scene.upstream.answer = raw(`HTTP/1.1 100 Continue\r\n\r\n${final}`);
    const { response } = await scene.send(request('GET', '/public/x'));
    expect(response.informational).toEqual([]);
    expect(response.status).toBe(200);
  });
});
