import { describe, expect, it } from 'vitest';
import { request } from '../support/request.ts';
import { bothAnswers, useScene } from '../support/scene.ts';

describe.each(bothAnswers)('P29: who one is, never what proves it, under %s', (answers) => {
  const scene = useScene({ answers });

  it('the session says its user and its times, and no token', async () => {
    const { response } = await scene.send(
      request('GET', '/auth/session', [`Cookie: ${scene.cookie}`]),
    );
    expect(response.status).toBe(200);
    const { token } = scene.login;
    const all = JSON.stringify([response.fields, response.text()]);
    expect(response.text()).toContain('user1');
    for (const part of [token, token.slice(4, 40), token.slice(-40)])
      expect(all).not.toContain(part);
  });

  it('the handle that it shows opens nothing', async () => {
    const { response } = await scene.send(
      request('GET', '/auth/session', [`Cookie: ${scene.cookie}`]),
    );
    const handle = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(response.text())?.[0] ?? '';
    const name = scene.cookie.split('=')[0] ?? '';
    const { response: refused } = await scene.send(
      request('GET', '/api/x', [`Cookie: ${name}=${handle}`]),
    );
    expect(refused.status).toBe(answers === 'modern' ? 401 : 403);
  });

  it('no upstream is sent the token', async () => {
    await scene.passes(request('GET', '/api/x', [`Cookie: a=1; ${scene.cookie}`]));
    const all = scene.upstream.connections.map((connection) => connection.text()).join('');
    expect(all).not.toContain(scene.login.token.slice(4, 40));
  });
});
