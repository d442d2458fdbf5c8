import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainRequest } from '../../../src/assembly/explainer.ts';
import { performExplaining, performRecent } from '../../../src/assembly/explaining.ts';
import type { Shared } from '../../../src/assembly/shared.ts';
import type { Explanation } from '../../../src/gateway/explanation.ts';
import { CertificateFolder } from '../../support/certificates.ts';
import { GatewayHere } from '../../support/gateway-here.ts';
import { Http2Client } from '../../support/http2-client.ts';
import { ask, RawClient } from '../../support/raw-client.ts';
import { ok, RecordingUpstream } from '../../support/recording-upstream.ts';
import { agrees, handshakeLines } from '../../support/web-socket.ts';

const configuration = (port: number): string => `
accessLog: {enabled: false}
listeners:
  edge:
    address: 127.0.0.1:0
    trustedProxies: [127.0.0.0/8]
    sendForwarded: true
    routes:
      - {exactPath: /auth/logout, endpoint: logout}
      - {path: /open/, auth: none, upstream: app}
      - {path: /fixed, auth: none, respond: {status: 203, body: here}}
      - {path: /staff/, upstream: app, require: {roles: [staffuser]}}
      - {path: /shop/, upstream: app, rewrite: /s/, passHost: false, keepAuthorization: true}
      - {path: /kept/, auth: none, upstream: app, keepFields: [X_Odd]}
      - {path: /reads/, upstream: app, methods: [GET, HEAD]}
      - {path: /, host: app.example.org, upstream: app}
upstreams:
  app: {servers: ['127.0.0.1:${String(port)}'], stickyCookie: place}
directories:
  own: {type: static, users: []}
`;

const principal = {
  ...{ subject: 'ada', directory: 'own', role: 'nobody' },
  ...{ groups: ['g1'], attributes: {} },
};

const words = [
  ...['open', 'fixed', 'staff', 'shop', 'kept', 'reads', 'auth', 'logout', 'x', '..', '.', ''],
  ...['%6fpen', 'a%2fb', '%2e%2e', 'a;b', 'open;x', '%zz', '%41', 'ü', 'a\\b', '%00'],
];
const target = fc
  .tuple(
    fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 4 }),
    fc.constantFrom('', '?', '?a=1&b=%2f', '?x=..//#'),
  )
  .map(([segments, query]) => `/${segments.join('/')}${query}`);

const name = fc.constantFrom(
  ...[
    'Accept',
    'X-UserInfo',
    'x-userinfo',
    'X_UserInfo',
    'X.UserInfo',
    'X-Request-Id',
    'traceparent',
    'tracestate',
  ],
  ...['X-Forwarded-Proto', 'X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'X_Odd', 'X-Plain'],
  ...['Authorization', 'X-HTTP-Method-Override', 'TE', 'Keep-Alive', 'Proxy', 'Cookie'],
  ...[
    'Connection',
    'Content-Length',
    'Transfer-Encoding',
    'Expect',
    'Upgrade',
    'Trailer',
    'X-A',
    'traceparent',
  ],
);
const value = fc.constantFrom(
  ...['', '1', 'a b', 'admin', 'X-A', 'X-UserInfo, Cookie', 'chunked', '10.1.2.3, 10.1.2.4'],
  ...['for=10.0.0.9;proto=https', 'https', 'DELETE', 'Bearer abc', 'theme=dark; place=x', '\u00e9'],
  '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
);
const upgradeField = fc.constantFrom(
  ...['Sec-WebSocket-Protocol: one, two', 'sec-websocket-protocol: three', 'X-Plain: a'],
  ...['Sec-WebSocket-Extensions: permessage-deflate', 'x-plain: b', 'User-Agent: it', 'ACCEPT: 2'],
  ...['Date: now', 'If-Match: "a"', 'if-match: "b"', '__proto__: 1', 'constructor: 1', '7: seven'],
);
const blank = fc.constantFrom(' ', '', '  ', '\t');
const field = fc.tuple(name, blank, value).map(([one, space, other]) => `${one}:${space}${other}`);

interface Asked {
  readonly line: string;
  readonly host: string;
  readonly fields: readonly string[];
  readonly login: 'none' | 'good' | 'bad' | 'twice';
}

const asked: fc.Arbitrary<Asked> = fc.record({
  line: fc
    .tuple(fc.constantFrom('GET', 'GET', 'POST', 'HEAD', 'DELETE', 'OPTIONS', 'BREW'), target)
    .map(([method, path]) => `${method} ${path} HTTP/1.1`),
  host: fc.constantFrom('app.example.org', 'other.example', 'app.example.org:8080', 'a b'),
  fields: fc.array(field, { maxLength: 5 }),
  login: fc.constantFrom('none', 'good', 'good', 'bad', 'twice'),
});

/** Whole ones for the most part, in any order, among fields that have nothing to do with them. */
const handshakes: fc.Arbitrary<Asked> = fc
  .record({
    path: fc.constantFrom('/open/x', '/open/a/../b?x=%2f', '/shop/x', '/kept/x', '/staff/x', '/x'),
    host: fc.constantFrom('app.example.org', 'app.example.org', 'app.example.org:8080'),
    origin: fc.constantFrom(
      ...[['Origin: http://app.example.org'], ['Origin: http://app.example.org']],
      ...[[], ['Origin: https://evil.example']],
    ),
    own: fc.constantFrom(
      ...[handshakeLines, handshakeLines, handshakeLines, handshakeLines.slice(1)],
      ['connection: keep-alive, upgrade', 'UPGRADE: WebSocket', ...handshakeLines.slice(2)],
    ),
    others: fc.array(fc.oneof(field, upgradeField), { maxLength: 5 }),
    login: asked.map(({ login }) => login),
  })
  .chain(({ host, login, origin, others, own, path }) =>
    fc
      .shuffledSubarray([...own, ...origin, ...others], {
        minLength: own.length + origin.length + others.length,
      })
      .map((fields) => ({ line: `GET ${path} HTTP/1.1`, host, login, fields })),
  );

/** The id is the only thing that two requests do not share. */
const withoutId = (head: string): string =>
  head
    .replace(/X-Request-Id: [^\r]*/, 'X-Request-Id: *')
    .replace(/traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-/, 'traceparent: *-');

/** Of somebody who is logged in, in the ways in which a request may bring it. */
async function cookiesOf({ shared }: GatewayHere) {
  const opening = await shared.sessions.open(principal, null);
  if (opening.kind !== 'opened') throw new Error('no session');
  const cookie = `${shared.cookie.nameFor(false)}=${opening.token}`;
  return {
    none: [],
    good: [`Cookie: a=1; place=x; ${cookie}`],
    bad: [`Cookie: ${cookie}x`],
    twice: [`Cookie: ${cookie}`, `Cookie: ${cookie}`],
  };
}

describe('an explanation', () => {
  it('holds what an upstream gets, octet by octet, or what the client is answered', async () => {
    await using upstream = await RecordingUpstream.start();
    await using gateway = await GatewayHere.start(configuration(upstream.port));
    const { shared } = gateway;
    const cookies = await cookiesOf(gateway);
    const outcomes = { forwarded: 0, answered: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(asked, async ({ fields, host, line, login }) => {
        const lines = [line, `Host: ${host}`, ...fields, ...cookies[login], 'Connection: close'];
        const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'utf8').toString('latin1');
        const order = { listener: 'edge', port: null, from: '127.0.0.1', head };
        const explained = await explainRequest(shared, order);
        if (explained === null) throw new Error('no listener');
        outcomes[explained.decision]++;
        const before = upstream.requests.length;
        const body = explained.decision === 'forwarded' ? bodyFor(explained) : '';
        const response = await ask(gateway.port, Buffer.from(head + body, 'latin1'));
        const got = upstream.requests.slice(before).map((request) => withoutId(request.head));
        expect(got).toEqual(explained.head === null ? [] : [withoutId(explained.head)]);
        if (explained.status !== null) expect(response.status).toBe(explained.status);
      }),
      { numRuns: 400 },
    );
    // All of them are met, or the property says little.
    expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(15);
  });

  it('holds the same of a handshake of a WebSocket, whose bytes another serialiser writes', async () => {
    await using upstream = await RecordingUpstream.start();
    await using gateway = await GatewayHere.start(configuration(upstream.port));
    const { shared } = gateway;
    upstream.answer = async (turn) => {
      const isUpgrade = turn.request.values('upgrade').length > 0;
      await (isUpgrade ? agrees() : ok())(turn);
      if (isUpgrade) turn.connection.socket.end();
    };
    const cookies = await cookiesOf(gateway);
    const seen = { upgraded: 0, plain: 0, kept: 0 };
    await fc.assert(
      fc.asyncProperty(handshakes, async ({ fields, host, line, login }) => {
        const lines = [line, `Host: ${host}`, ...fields, ...cookies[login]];
        const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'utf8').toString('latin1');
        const order = { listener: 'edge', port: null, from: '127.0.0.1', head };
        const explained = await explainRequest(shared, order);
        if (explained === null) throw new Error('no listener');
        const isUpgrade = explained.head?.includes('\r\nUpgrade: websocket\r\n') === true;
        const before = upstream.requests.length;
        await using client = await RawClient.connect(gateway.port);
        client.write(head + (explained.decision === 'forwarded' ? bodyFor(explained) : ''));
        if (isUpgrade) expect(await client.informational()).toBe(101);
        else {
          const { status } = await client.response(explained.method);
          if (explained.status !== null) expect(status).toBe(explained.status);
        }
        seen[isUpgrade ? 'upgraded' : explained.head === null ? 'kept' : 'plain']++;
        const got = upstream.requests.slice(before).map((request) => withoutId(request.head));
        expect(got).toEqual(explained.head === null ? [] : [withoutId(explained.head)]);
      }),
      { numRuns: 300 },
    );
    // All of them are met, or the property says little.
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(15);
  });

  it('names every field that was taken out, and changes nothing', async () => {
    await using upstream = await RecordingUpstream.start();
    await using gateway = await GatewayHere.start(configuration(upstream.port));
    const { shared } = gateway;
    const opening = await shared.sessions.open(principal, null);
    if (opening.kind !== 'opened') throw new Error('no session');
    const cookie = `${shared.cookie.nameFor(false)}=${opening.token}`;
    const lines = [
      ...['GET /x?access_token=abc&a=1 HTTP/1.1', 'Host: app.example.org', 'X_UserInfo: admin'],
      ...['X-Odd_: 1', 'Connection: X-A, close', 'X-A: 1', 'Authorization: Basic abc'],
      ...[`Cookie: theme=dark; ${cookie}`, 'X-Api-Key: abc'],
    ];
    const order = {
      ...{ deed: 'explain' as const, listener: 'edge', port: null, from: '127.0.0.1' },
      head: `${lines.join('\r\n')}\r\n\r\n`,
    };
    const answer = await performExplaining(shared, order);
    const shown = JSON.stringify(answer);
    for (const secret of [opening.token, 'abc', 'dark']) expect(shown).not.toContain(secret);
    const { head, principal: who, removed } = (answer as { value: Explanation }).value; // just made
    expect(removed.map(({ name: removedName, why }) => [removedName, why])).toEqual([
      ...[
        ['Host', 'rewritten'],
        ['X_UserInfo', 'managed'],
        ['X-Odd_', 'odd-name'],
      ],
      ...[
        ['Connection', 'hop-by-hop'],
        ['X-A', 'nominated'],
        ['Authorization', 'authorization'],
      ],
      ['Cookie', 'rewritten'],
    ]);
    expect(head).toMatch(/^GET \/x\?access_token=\*\*\*&a=1 HTTP\/1\.1\r\n/);
    expect(head).toContain('\r\nCookie: theme=***\r\n');
    expect(head).toContain('\r\nX-Api-Key: ***\r\n');
    expect(head).toContain('\r\nX-UserInfo: {"username":"ada"');
    expect(who).toEqual({ subject: 'ada', directory: 'own', role: 'nobody', groups: ['g1'] });
    const logout = `POST /auth/logout HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\n\r\n`;
    const ended = await explainRequest(shared, { ...order, head: logout });
    expect(ended).toMatchObject({ decision: 'answered', reason: 'endpoint logout', status: null });
    // It was explained, not done.
    expect((await explainRequest(shared, order))?.decision).toBe('forwarded');
    expect(upstream.requests).toEqual([]);
  });
});

it('a request that has come on HTTP/2 is explained as its upstream got it, its body without a length too', async () => {
  await using certificates = await CertificateFolder.make();
  const { certFile, keyFile } = await certificates.issue({ names: ['localhost'] });
  await using upstream = await RecordingUpstream.start();
  await using gateway = await GatewayHere.start(
    `${configuration(upstream.port)}\nexplain: {recentRequests: 10}\n`.replace(
      '    trustedProxies:',
      `    tls: {certificates: [{certFile: ${certFile}, keyFile: ${keyFile}}]}\n    trustedProxies:`,
    ),
  );
  const { shared } = gateway;
  await using client = await Http2Client.connect(gateway.port);
  const fields = { ':method': 'POST', ':path': '/open/../open/x?a=1', cookie: ['a=1', 'b=2'] };
  for (const more of [{}, { 'content-length': '4' }]) {
    const answer = await client.ask({ ...fields, ...more }, Buffer.from('body'));
    expect(answer.status).toBe(200);
    const got = upstream.requests.at(-1);
    const recent = shared.recent?.find(got?.values('x-request-id')[0] ?? '');
    if (got === undefined || recent === null || recent === undefined) throw new Error('forgotten');
    const explained = await explainRequest(shared, { ...recent, port: null });
    expect(withoutId(explained?.head ?? '')).toBe(withoutId(got.head));
  }
  const codings = upstream.requests.map((request) => request.values('transfer-encoding'));
  expect(codings).toEqual([['chunked'], []]);
});

describe('an explanation of a route with tokens', () => {
  it('asks no service for a token, and says that one would be fetched', async () => {
    const calls: string[] = [];
    const service = createServer((request, response) => {
      calls.push(String(request.url));
      response.end('t'.repeat(64));
    }).listen(0, '127.0.0.1');
    await once(service, 'listening');
    const { port } = service.address() as AddressInfo; // it listens on TCP
    try {
      await using gateway = await GatewayHere.start(
        `${configuration(1)}
zones: {tokens: {timeout: 60s}}
tokenCaches:
  main: {zone: tokens, key: ['header:Remote-User'], service: {url: 'http://127.0.0.1:${String(port)}/'}}
`.replace(
          '      - {path: /staff/',
          '      - {path: /t/, auth: token-cache, tokenCache: main, upstream: app}\n      - {path: /staff/',
        ),
      );
      const answer = await performExplaining(gateway.shared, {
        ...{ deed: 'explain', listener: 'edge', port: null, from: '127.0.0.1' },
        head: 'GET /t/x HTTP/1.1\r\nHost: a\r\nRemote-User: somebody\r\n\r\n',
      });
      expect(answer).toMatchObject({
        kind: 'done',
        value: {
          decision: 'forwarded',
          head: expect.stringContaining('\r\nX-Authkey: (a token would be fetched)\r\n') as string,
          notes: [expect.stringContaining('the token service would be asked') as string],
        },
      });
      expect(calls).toEqual([]);
    } finally {
      service.close();
      service.closeAllConnections();
    }
  });
});

it('where it cannot be explained in time, that is said, and not that nobody remembers', async () => {
  await using upstream = await RecordingUpstream.start();
  await using gateway = await GatewayHere.start(configuration(upstream.port));
  const { shared } = gateway;
  const failing = {
    ...shared,
    tokenCaches: {
      lookOf: () => {
        throw new Error('broken');
      },
    },
    recent: {
      find: (requestId: string) => ({
        ...{ requestId, listener: 'edge', from: '127.0.0.1', status: 200, outcome: 'ok' },
        head: 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n',
      }),
    },
  } as unknown as Shared; // what comes of a store that is too late
  const order = { deed: 'explainRecent', requestId: 'a' } as const;
  expect(await performRecent(failing, order)).toMatchObject({ kind: 'unavailable' });
});

/** What a head announces, so that the request has an end. */
function bodyFor({ head }: Explanation): string {
  if (head?.includes('Transfer-Encoding: chunked') === true) return '0\r\n\r\n';
  const length = /Content-Length: (\d+)/.exec(head ?? '')?.[1] ?? '0';
  return 'x'.repeat(Number(length));
}
