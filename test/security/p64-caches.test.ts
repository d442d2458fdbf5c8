import { describe, expect, it } from 'vitest';
import { respond } from '../support/recording-upstream.ts';
import { request } from '../support/request.ts';
import { bothAnswers, useScene } from '../support/scene.ts';

describe.each(bothAnswers)('P64: no shared cache keeps what is somebody’s, under %s', (answers) => {
  const scene = useScene({ answers });
  const own = (method: string, target: string): string =>
    request(method, target, [`Cookie: ${scene.cookie}`, 'Content-Length: 0']);

  it.each([
    ['a refusal', request('GET', '/api/x')],
    ['a refused file that looks like an image', request('GET', '/api/x.png')],
    [
      'a refused navigation',
      request('GET', '/x', ['Accept: text/html', 'Sec-Fetch-Mode: navigate']),
    ],
    ['a broken login', request('POST', '/auth/login', ['Content-Length: 2'], '{}')],
    ['the session of nobody', request('GET', '/auth/session')],
  ])('%s is not to be stored', async (_kind, bytes) => {
    expect((await scene.send(bytes)).response.value('cache-control')).toContain('no-store');
  });

  it('nor is who one is', async () => {
    const { response } = await scene.send(own('GET', '/auth/session'));
    expect([response.status, response.value('cache-control')]).toEqual([200, 'no-store']);
  });

  it.each(['/api/x', '/api/account/style.css', '/api/x.png?y=z'])(
    'an answer of the application to %s is private unless it says what it is',
    async (target) => {
      scene.upstream.answer = respond(200, [], 'mine');
      expect((await scene.send(own('GET', target))).response.values('cache-control')).toEqual([
        'private',
      ]);
      scene.upstream.answer = respond(200, [['Cache-Control', 'max-age=9']], 'mine');
      expect((await scene.send(own('GET', target))).response.values('cache-control')).toEqual([
        'max-age=9',
      ]);
    },
  );
});
