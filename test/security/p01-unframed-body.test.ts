import { describe, expect, it } from 'vitest';
import { chunk, lastChunk, request } from '../support/request.ts';
import { bothAnswers, useScene } from '../support/scene.ts';

const smuggled = 'GET /admin HTTP/1.1\r\nHost: a\r\nX-UserInfo: admin\r\n\r\n';
const bodyMethods = ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'POST', 'PUT', 'PATCH'];

describe('P1: every body is framed, whatever the method', () => {
  const scene = useScene();

  it.each(bodyMethods)(
    'a chunked body of %s reaches the upstream as one request',
    async (method) => {
      const body = chunk(smuggled) + lastChunk;
      const received = await scene.passes(
        request(method, '/public/a', ['Transfer-Encoding: chunked'], body),
      );
      expect(received.method).toBe(method);
      expect(received.body.toString('latin1')).toBe(smuggled);
      expect(received.framing).toBe('chunked');
      expect(scene.upstream.problems).toEqual([]);
    },
  );

  it.each(bodyMethods)('a body of %s with a length keeps it', async (method) => {
    const length = `Content-Length: ${String(smuggled.length)}`;
    const received = await scene.passes(request(method, '/public/a', [length], smuggled));
    expect(received.body.toString('latin1')).toBe(smuggled);
    expect(received.values('content-length')).toEqual([String(smuggled.length)]);
    expect(received.values('transfer-encoding')).toEqual([]);
  });

  it.each(['GET', 'HEAD', 'DELETE', 'OPTIONS'])(
    '%s without a body has no framing',
    async (method) => {
      const received = await scene.passes(request(method, '/public/a'));
      expect(received.framing).toBe('none');
      expect(received.values('content-length')).toEqual([]);
    },
  );

  it.each(['POST', 'PUT', 'PATCH'])('%s without a body says so', async (method) => {
    const received = await scene.passes(request(method, '/public/a'));
    expect(received.values('content-length')).toEqual(['0']);
    expect(received.values('transfer-encoding')).toEqual([]);
  });

  it('a body with the session of its sender stays one request', async () => {
    const body = chunk(smuggled) + lastChunk;
    const lines = [`Cookie: ${scene.cookie}`, 'Transfer-Encoding: chunked'];
    const received = await scene.passes(request('GET', '/api/a', lines, body));
    expect(received.target).toBe('/api/a');
    expect(received.body.toString('latin1')).toBe(smuggled);
  });
});

describe.each(bothAnswers)('P1 under %s', (answers) => {
  const scene = useScene({ answers });

  it('TRACE is 405 and closes', async () => {
    await scene.refuses(request('TRACE', '/public/a'), 405);
  });

  it('TRACE with a session is 405 and closes', async () => {
    await scene.refuses(request('TRACE', '/api/a', [`Cookie: ${scene.cookie}`]), 405);
  });
});
