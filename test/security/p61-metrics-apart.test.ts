import { describe, expect, it } from 'vitest';
import { ask } from '../support/raw-client.ts';
import { request } from '../support/request.ts';
import { useScene } from '../support/scene.ts';

describe('P61: what operators see is seen by them only', () => {
  const scene = useScene({ appRoutes: [{ path: '/public/', auth: 'none', upstream: 'app' }] });

  it.each(['/metrics', '/livez', '/readyz', '/admin', '/debug/pprof/'])(
    '%s is 404 at the edge, with and without a session',
    async (path) => {
      for (const lines of [[], [`Cookie: ${scene.cookie}`]]) {
        const { response, forwarded } = await scene.send(request('GET', path, lines));
        expect(response.status).toBe(404);
        expect(forwarded).toEqual([]);
        expect(response.text()).not.toContain('portcullis_');
      }
    },
  );

  it('no path, user or method of a client becomes a label', async () => {
    await scene.send(request('PROPFIND', '/public/secret-path-7', [`Cookie: ${scene.cookie}`]));
    await scene.send(request('GET', '/public/x"}evil', ['User-Agent: evil']));
    const { body } = await ask(
      scene.gateway.admin,
      'GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
    const text = body.toString();
    expect(text).toContain('portcullis_requests_total{');
    for (const word of ['secret-path-7', 'user1', 'PROPFIND', 'evil']) {
      expect(text, word).not.toContain(word);
    }
  });
});
