import { describe, expect, it } from 'vitest';
import { raw, respond } from '../support/recording-upstream.ts';
import { request } from '../support/request.ts';
import { useScene } from '../support/scene.ts';

describe('P27: a request has no children that could leak what it carries', () => {
  const scene = useScene();
  const lines = [`Authorization: Bearer secret`, 'X-Custom: 1'];

  it.each([401, 403, 404, 500, 503])(
    'an answer of %i fetches no page for itself',
    async (status) => {
      scene.upstream.answer = respond(status, [['Location', '/error']], 'as it is');
      const { response, forwarded } = await scene.send(
        request('GET', '/api/x', [`Cookie: app=1; ${scene.cookie}`, ...lines]),
      );
      expect([response.status, response.text()]).toEqual([status, 'as it is']);
      expect(forwarded.map(({ target }) => target)).toEqual(['/api/x']);
      expect(forwarded[0]?.values('cookie')).toEqual(['app=1']);
      expect(forwarded[0]?.values('authorization')).toEqual([]);
    },
  );

  it('a redirect is passed on, never followed', async () => {
    scene.upstream.answer = respond(302, [['Location', 'http://127.0.0.1:1/elsewhere']]);
    const { response, forwarded } = await scene.send(
      request('GET', '/api/x', [`Cookie: ${scene.cookie}`]),
    );
    expect(response.value('location')).toBe('http://127.0.0.1:1/elsewhere');
    expect(forwarded).toHaveLength(1);
  });

  it('an answer that is none is a page of our own, and asks nobody', async () => {
    scene.upstream.answer = raw('nonsense\r\n\r\n');
    const { response, forwarded } = await scene.send(
      request('POST', '/api/x', [`Cookie: ${scene.cookie}`, 'Content-Length: 0']),
    );
    expect(response.status).toBe(502);
    expect(forwarded).toHaveLength(1);
  });
});
