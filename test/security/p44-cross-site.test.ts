import { describe, expect, it } from 'vitest';
import { planned } from '../support/gateway-yaml.ts';
import { Gateway } from '../support/gateway.ts';
import { logIn } from '../support/login.ts';
import { ask } from '../support/raw-client.ts';
import { request } from '../support/request.ts';
import { bothAnswers, useScene } from '../support/scene.ts';

const credentials = '{"username":"user1","password":"pass1"}';
const post = (path: string, body: string, lines: readonly string[]): string =>
  request('POST', path, [`Content-Length: ${String(body.length)}`, ...lines], body);

describe.each(bothAnswers)(
  'P44, P45: no other site logs anybody in or out, under %s',
  (answers) => {
    const scene = useScene({
      answers,
      sections: { login: { allowedOrigins: ['https://app.example.org'] } },
    });
    const { refused, allowed } = {
      refused: [
        ['Origin: http://evil.example'],
        ['Origin: https://a'],
        ['Origin: http://a:81'],
        ['Origin: null'],
        ['Origin: http://a.evil.example'],
        ['Origin: https://app.example.org.evil'],
        ['Sec-Fetch-Site: cross-site'],
        ['Sec-Fetch-Site: same-site'],
        ['Origin: http://evil.example', 'Sec-Fetch-Site: same-origin'],
      ],
      allowed: [
        [],
        ['Origin: http://a'],
        ['Origin: https://app.example.org'],
        ['Sec-Fetch-Site: same-origin'],
        ['Sec-Fetch-Site: none'],
        ['Origin: http://a', 'Sec-Fetch-Site: same-origin'],
      ],
    };

    it.each(refused)('a login with %s %s is 403 and sets no cookie', async (...lines) => {
      const { response } = await scene.send(post('/auth/login', credentials, lines));
      expect(response.status).toBe(403);
      expect(response.value('set-cookie') ?? '').not.toMatch(/^portcullis=[^;]/);
    });

    it.each(allowed)('a login with %s %s passes', async (...lines) => {
      const { response } = await scene.send(post('/auth/login', credentials, lines));
      expect(response.status).toBe(200);
    });

    it.each(refused)('a logout by POST with %s %s is 403 and ends nothing', async (...lines) => {
      const { cookie } = await logIn(scene.gateway.edge);
      const { response } = await scene.send(
        post('/auth/logout', '', [`Cookie: ${cookie}`, ...lines]),
      );
      expect(response.status).toBe(403);
      await scene.passes(request('GET', '/api/x', [`Cookie: ${cookie}`]));
    });

    it.each(['cross-site', 'same-site'])('a logout by GET from %s asks first', async (site) => {
      const { cookie } = await logIn(scene.gateway.edge);
      const lines = [`Cookie: ${cookie}`, `Sec-Fetch-Site: ${site}`];
      const { response } = await scene.send(request('GET', '/auth/logout', lines));
      expect(response.status).toBe(200);
      expect(response.text()).toMatch(/<form[^>]*method="?post/i);
      await scene.passes(request('GET', '/api/x', [`Cookie: ${cookie}`]));
    });

    it.each(['Purpose: prefetch', 'Sec-Purpose: prefetch'])(
      'a logout by %s has no effect',
      async (line) => {
        const { cookie } = await logIn(scene.gateway.edge);
        const { response } = await scene.send(
          request('GET', '/auth/logout', [`Cookie: ${cookie}`, line]),
        );
        expect(response.status).toBe(403);
        await scene.passes(request('GET', '/api/x', [`Cookie: ${cookie}`]));
      },
    );

    it('a logout by HEAD has no effect', async () => {
      const { cookie } = await logIn(scene.gateway.edge);
      await scene.send(request('HEAD', '/auth/logout', [`Cookie: ${cookie}`]));
      await scene.passes(request('GET', '/api/x', [`Cookie: ${cookie}`]));
    });

    it.each([[], ['Sec-Fetch-Site: same-origin'], ['Sec-Fetch-Site: none']])(
      'a logout by GET with %s %s ends the session',
      async (...lines) => {
        const { cookie } = await logIn(scene.gateway.edge);
        const { response } = await scene.send(
          request('GET', '/auth/logout', [`Cookie: ${cookie}`, ...lines]),
        );
        expect(response.status).toBe(200);
        const status = answers === 'modern' ? 401 : 403;
        await scene.declines(request('GET', '/api/x', [`Cookie: ${cookie}`]), status);
      },
    );
  },
);

describe.each(bothAnswers)('P45: no other site acts for staff, under %s', (answers) => {
  it('every call with a foreign origin is 403 and does nothing', async () => {
    const yaml = planned({ answers, upstreamPorts: [9] });
    yaml.listeners['control'] = {
      routes: [
        { exactPath: '/escalate', endpoint: 'escalate' },
        { exactPath: '/logout_user', endpoint: 'logoutUser' },
        { exactPath: '/session', endpoint: 'session' },
      ],
    };
    await using gateway = await Gateway.start(yaml);
    const staff = (await logIn(gateway.edge, 'admin', 'password')).cookie;
    const victim = (await logIn(gateway.edge)).cookie;
    const body = '{"username":"user1"}';
    for (const path of ['/escalate', '/logout_user']) {
      for (const line of [
        'Origin: http://evil.example',
        'Origin: null',
        'Sec-Fetch-Site: cross-site',
      ]) {
        const response = await ask(gateway.control, post(path, body, [`Cookie: ${staff}`, line]));
        expect(response.status, `${path} ${line}`).toBe(403);
        expect(response.value('set-cookie') ?? '').not.toMatch(/^portcullis=[^;]/);
      }
    }
    const shown = await ask(gateway.control, request('GET', '/session', [`Cookie: ${victim}`]));
    expect(shown.status).toBe(200);
    const own = await ask(
      gateway.control,
      post('/logout_user', body, [`Cookie: ${staff}`, 'Origin: http://a']),
    );
    expect(own.status).toBe(200);
    const gone = await ask(gateway.control, request('GET', '/session', [`Cookie: ${victim}`]));
    expect(gone.status).toBe(answers === 'modern' ? 401 : 403);
  });
});
