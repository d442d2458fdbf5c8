import { describe, expect, it } from 'vitest';
import { bothAnswers, useScene } from '../support/scene.ts';

describe.each(bothAnswers)('P24: hosts are compared in one form, under %s', (answers) => {
  const scene = useScene({
    answers,
    routes: [
      { host: 'Open.Example', path: '/', auth: 'none', respond: { status: 200, body: 'open' } },
      { host: 'closed.example', path: '/public/', auth: 'session', upstream: 'app' },
    ],
  });
  const get = (host: string): string => `GET /public/x HTTP/1.1\r\nHost: ${host}\r\n\r\n`;

  it.each(['open.example', 'OPEN.EXAMPLE', 'Open.Example.', 'oPen.example:8443'])(
    '%s is the open one, however the file spells it',
    async (host) => {
      expect((await scene.send(get(host))).response.text()).toBe('open');
    },
  );

  it.each(['closed.example', 'CLOSED.example', 'closed.example.', 'Closed.Example.:81'])(
    '%s does not get past the rule of the closed one',
    async (host) => {
      const { response, forwarded } = await scene.send(get(host));
      expect(response.status).toBe(answers === 'modern' ? 401 : 403);
      expect(forwarded).toEqual([]);
    },
  );
});
