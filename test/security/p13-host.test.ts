import { describe, expect, it } from 'vitest';
import { itOnHttp1 } from '../support/lane.ts';
import { bothAnswers, useScene } from '../support/scene.ts';

const withHosts = (...lines: readonly string[]): string =>
  `GET /public/x HTTP/1.1\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;

describe.each(bothAnswers)(
  'P13: a request names one host, in the grammar of hosts, under %s',
  (answers) => {
    const scene = useScene({ answers });

    it.each([
      ['no Host', []],
      ['an empty Host', ['Host:']],
      ['two Hosts', ['Host: a', 'Host: b']],
      ['the same Host twice', ['Host: a', 'Host: a']],
      ['two Hosts in two spellings', ['Host: a', 'hOST: b']],
      ['a path', ['Host: a/b?c']],
      ['a user', ['Host: u@a']],
      ['a blank', ['Host: a b']],
      ['a list', ['Host: a, b']],
      ['a port that is no number', ['Host: a:b']],
      ['a port beyond all ports', ['Host: a:65536']],
      ['two ports', ['Host: a:1:2']],
      ['an open bracket', ['Host: [::1']],
      ['an address without brackets', ['Host: ::1']],
      ['a fragment', ['Host: a#b']],
      ['a backslash', ['Host: a\\b']],
      ['an escape', ['Host: a%2eb']],
      ['a byte over 0x7e', ['Host: \xe9']],
      ['an empty label', ['Host: a..b']],
      ['only a dot', ['Host: .']],
      ['only a port', ['Host: :80']],
      ['a blank before the colon', ['Host : a']],
    ])('%s is 400 and closes', async (_kind, lines) => {
      await scene.refuses(withHosts(...lines), 400);
    });

    itOnHttp1('HTTP/1.0 with two Hosts is 400 as well', async () => {
      await scene.refuses('GET /public/x HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n', 400);
    });

    it.each([
      'a',
      'A.example',
      'a.example.',
      'a:80',
      '127.0.0.1:8081',
      '[::1]:80',
      'app_upstreams',
    ])('Host: %s is served', async (host) => {
      await scene.passes(withHosts(`Host: ${host}`));
    });

    it.each([
      ['whoever', 'whoever'],
      ['A.Example.', 'a.example'],
      ['A.Example.:8081', 'a.example:8081'],
    ])('the upstream gets one Host, canonical: %s', async (host, canonical) => {
      const received = await scene.passes(withHosts(`Host: ${host}`));
      expect(received.values('host')).toEqual([canonical]);
    });

    itOnHttp1('without a Host the upstream gets its own name', async () => {
      const received = await scene.passes('GET /public/x HTTP/1.0\r\n\r\n');
      expect(received.values('host')).toEqual(['app']);
    });
  },
);

describe.each(bothAnswers)('P13: hosts in routes, under %s', (answers) => {
  const scene = useScene({
    answers,
    routes: [
      {
        host: 'app.example.org',
        path: '/named',
        auth: 'none',
        respond: { status: 200, body: 'exact' },
      },
      {
        hosts: ['*.example.org'],
        path: '/named',
        auth: 'none',
        respond: { status: 200, body: 'below' },
      },
    ],
  });

  it.each(['app.example.org', 'APP.Example.ORG', 'app.example.org.', 'app.example.org:8081'])(
    'Host: %s is the host app.example.org',
    async (host) => {
      const bytes = `GET /named HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
      expect((await scene.declines(bytes, 200)).text()).toBe('exact');
    },
  );

  it.each(['x.example.org', 'x.y.example.org'])('Host: %s is below it', async (host) => {
    const bytes = `GET /named HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    expect((await scene.declines(bytes, 200)).text()).toBe('below');
  });

  it.each(['example.org', 'evilexample.org', 'app.example.org.evil', 'example.org.evil'])(
    'Host: %s is neither',
    async (host) => {
      const status = answers === 'modern' ? 401 : 403;
      await scene.declines(`GET /named HTTP/1.1\r\nHost: ${host}\r\n\r\n`, status);
    },
  );

  itOnHttp1('HTTP/1.0 without Host gets the routes without a host', async () => {
    const status = answers === 'modern' ? 401 : 403;
    const { response } = await scene.send('GET /named HTTP/1.0\r\n\r\n');
    expect(response.status).toBe(status);
    await scene.passes('GET /public/x HTTP/1.0\r\n\r\n');
  });
});

describe.each(bothAnswers)('P13: a host that no route names, under %s', (answers) => {
  const scene = useScene({
    answers,
    appRoutes: [{ host: 'app.example.org', path: '/', auth: 'none', upstream: 'app' }],
  });

  it('is 404 and reaches no upstream', async () => {
    for (const host of ['Host: other.example.org', 'Host: app.example.org.evil']) {
      const { response, forwarded } = await scene.send(withHosts(host));
      expect(response.status).toBe(404);
      expect(forwarded).toEqual([]);
    }
    await scene.passes(withHosts('Host: app.example.org'));
  });
});
