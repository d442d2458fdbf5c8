import { describe, expect, it } from 'vitest';
import { logIn } from '../support/login.ts';
import { ask } from '../support/raw-client.ts';
import { request } from '../support/request.ts';
import { bothAnswers, useScene } from '../support/scene.ts';

describe.each(bothAnswers)(
  'P40: a cookie that somebody else may have planted, under %s',
  (answers) => {
    const scene = useScene({ answers });
    const status = answers === 'modern' ? 401 : 403;

    it('is set with everything that keeps others from it', () => {
      const line = scene.login.response.value('set-cookie') ?? '';
      expect(line).toMatch(/^portcullis=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/);
    });

    it.each([
      ['a genuine one before', (own: string) => `Cookie: ${own}; portcullis=planted`],
      ['a genuine one behind', (own: string) => `Cookie: portcullis=planted; ${own}`],
      ['the same twice', (own: string) => `Cookie: ${own}; ${own}`],
      ['two fields', (own: string) => `Cookie: ${own}\r\nCookie: portcullis=`],
    ])('is refused and cleared beside another of the same name: %s', async (_, line) => {
      const { response, forwarded } = await scene.send(
        request('GET', '/api/x', [line(scene.cookie)]),
      );
      expect(response.status).toBe(status);
      expect(response.value('set-cookie')).toMatch(/^portcullis=; .*Max-Age=0/);
      expect(forwarded).toEqual([]);
    });

    it('is told from one that only looks alike', async () => {
      const others =
        'Portcullis=x; portcullis2=y; __Host-portcullis=z; portcullis-login=l; portcullis-actor=a';
      const received = await scene.passes(
        request('GET', '/api/x', [`Cookie: ${others}; ${scene.cookie}`]),
      );
      // What is ours on some connection never reaches an application.
      expect(received.values('cookie')).toEqual(['Portcullis=x; portcullis2=y']);
    });
  },
);

describe('P40: on TLS', () => {
  const scene = useScene({ login: 'loginPage', edge: { secure: true } });

  it('the cookie has the prefix that no other host can plant, and Secure', async () => {
    const line = scene.login.response.value('set-cookie') ?? '';
    expect(line).toMatch(/^__Host-portcullis=[^;]+; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
    const page = await ask(
      scene.gateway.edge,
      request('GET', '/auth/login', ['Connection: close']),
    );
    expect(page.value('set-cookie')).toMatch(
      /^__Host-portcullis-login=[^;]+; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );
  });

  it('the name of clear-text connections logs nobody in', async () => {
    const { token } = await logIn(scene.gateway.edge);
    await scene.declines(request('GET', '/api/x', [`Cookie: portcullis=${token}`]), 401);
  });
});
