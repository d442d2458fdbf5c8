import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Gateway } from '../../support/gateway.ts';
import { logIn } from '../../support/login.ts';
import { ask, RawClient, type RawResponse } from '../../support/raw-client.ts';
import { sidecarYaml } from '../../support/sidecar-yaml.ts';
import { handshakeLines } from '../../support/web-socket.ts';

interface Described {
  readonly method?: string;
  readonly uri?: string;
  readonly host?: string;
  readonly proto?: string;
  readonly client?: string;
}

const xForwarded = ({
  method = 'GET',
  uri = '/x',
  host = 'app.example',
  proto = 'http',
  client = '203.0.113.7',
}: Described): string[] => [
  `X-Forwarded-Method: ${method}`,
  `X-Forwarded-Proto: ${proto}`,
  `X-Forwarded-Host: ${host}`,
  `X-Forwarded-Uri: ${uri}`,
  `X-Forwarded-For: ${client}`,
];

const xOriginal = ({
  method = 'GET',
  uri = '/x',
  host = 'app.example',
  proto = 'http',
  client = '203.0.113.7',
}: Described): string[] => [
  `X-Original-Method: ${method}`,
  `X-Original-URL: ${proto}://${host}${uri}`,
  `X-Forwarded-For: ${client}`,
];

/** The question of each proxy, as it asks it. */
const questions: Readonly<Record<string, (told: Described, lines?: readonly string[]) => string>> =
  {
    nginx: (told, lines = []) =>
      question('GET', '/sidecar/nginx', 'c', [...xOriginal(told), ...lines]),
    caddy: (told, lines = []) =>
      question('GET', '/sidecar/caddy', 'c', [...xForwarded(told), ...lines]),
    traefik: (told, lines = []) =>
      question('GET', '/sidecar/traefik', 'c', [...xForwarded(told), ...lines]),
    haproxy: (told, lines = []) =>
      question('GET', '/sidecar/haproxy', 'c', [...xForwarded(told), ...lines]),
    envoy: (told, lines = []) => {
      const { method = 'GET', uri = '/x', host = 'app.example', proto = 'http' } = told;
      const client = `X-Forwarded-For: ${told.client ?? '203.0.113.7'}`;
      const own = [`X-Forwarded-Proto: ${proto}`, client];
      return question(method, `/sidecar/envoy${uri}`, host, [...own, ...lines]);
    },
  };
const profiles = Object.keys(questions);

function question(method: string, target: string, host: string, lines: readonly string[]): string {
  return [`${method} ${target} HTTP/1.1`, `Host: ${host}`, ...lines, '', ''].join('\r\n');
}

const page = ['Accept: text/html', 'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document'];

describe('a sidecar', () => {
  let gateway: Gateway;
  let cookie = '';
  let staff = '';
  beforeAll(async () => {
    const yaml = await sidecarYaml(9, [
      { exactPath: '/fixed', auth: 'none', respond: { status: 200, body: 'fixed' } },
      { exactPath: '/gone', auth: 'none', respond: { status: 410, body: 'gone' } },
      { path: '/plain/', upstream: 'app', webSockets: false },
      { path: '/kept/', upstream: 'app', keepAuthorization: true },
      { path: '/few/', upstream: 'app', rateLimits: ['few'] },
      { path: '/hosts/', host: 'one.example', upstream: 'app' },
      { path: '/hosts/', respond: { status: 404 }, auth: 'none' },
    ]);
    yaml.rateLimits = { few: { by: 'address', requests: 1, per: '1h', burst: 1 } };
    gateway = await Gateway.start(yaml);
    cookie = `Cookie: a=1; ${(await logIn(gateway.edge)).cookie}; b=2`;
    staff = `Cookie: ${(await logIn(gateway.edge, 'admin', 'password')).cookie}`;
  });
  afterAll(async () => {
    await gateway.stop();
  });

  const put = async (
    profile: string,
    told: Described,
    lines: readonly string[] = [],
  ): Promise<RawResponse> =>
    await ask(
      gateway.control,
      questions[profile]?.(told, lines) ?? '',
      told.method === 'HEAD' ? 'HEAD' : 'GET',
    );

  describe.each(profiles)('of %s', (profile) => {
    it('says yes with who it is, the cookies without ours, and an id', async () => {
      const response = await put(profile, {}, [cookie, 'X-UserInfo: root', 'X_UserInfo: root']);
      expect(response.status).toBe(200);
      expect(response.values('x-userinfo')).toEqual([expect.stringContaining('"user1"')]);
      expect(response.values('cookie')).toEqual(['a=1; b=2']);
      expect(response.value('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
      expect(response.value('cache-control')).toBe('no-store');
      expect(response.text()).toBe('');
      expect(JSON.stringify(response.fields)).not.toContain('root');
    });

    it('says no without a session, in words that its proxy understands', async () => {
      const response = await put(profile, {}, ['X-UserInfo: root']);
      expect(response.status).toBe(401);
      expect(response.value('www-authenticate')).toContain('Cookie');
      expect(response.values('x-userinfo')).toEqual([]);
    });

    it('sends somebody at a browser to the login page and back', async () => {
      const response = await put(profile, { uri: '/x?y=1' }, page);
      expect(response.status).toBe(profile === 'nginx' ? 401 : 302);
      expect(response.value('location')).toBe('/auth/login?next=%2Fx%3Fy%3D1');
    });

    it('clears a cookie that is no longer good', async () => {
      const response = await put(profile, {}, ['Cookie: portcullis=nonsense']);
      expect(response.status).toBe(401);
      expect(response.values('set-cookie')).toEqual([expect.stringMatching(/^portcullis=;/)]);
    });

    it('knows the cookie by the scheme that its client came with', async () => {
      const response = await put(profile, { proto: 'https' }, [cookie]);
      expect(response.status).toBe(401);
      const cleared = await put(profile, { proto: 'https' }, ['Cookie: __Host-portcullis=x']);
      expect(cleared.values('set-cookie')).toEqual([expect.stringMatching(/^__Host-.*; Secure/)]);
    });

    it('judges the role by the path, and the route by the host', async () => {
      expect((await put(profile, { uri: '/staff/x' }, [cookie])).status).toBe(403);
      const allowed = await put(profile, { uri: '/staff/x' }, [staff]);
      expect(allowed.status).toBe(200);
      expect(allowed.values('x-userinfo')).toEqual([expect.stringContaining('"admin"')]);
      expect((await put(profile, { uri: '/hosts/', host: 'one.example' }, [cookie])).status).toBe(
        200,
      );
      const other = await put(profile, { uri: '/hosts/', host: 'two.example' }, [cookie]);
      expect(other.status).toBe(profile === 'nginx' ? 403 : 404);
    });

    it('names nobody where nobody is asked for', async () => {
      const response = await put(profile, { uri: '/public/x' }, ['X-UserInfo: root']);
      expect(response.status).toBe(200);
      expect(response.values('x-userinfo')).toEqual([]);
    });

    it('counts by the client that its proxy names, past the proxies in front of it', async () => {
      const number = String(profiles.indexOf(profile));
      const one = { uri: '/few/x', client: `198.51.100.${number}` };
      const same = { ...one, client: `6.6.6.6, ${one.client}, 127.0.0.9` };
      const other = { ...one, client: `192.0.2.${number}` };
      expect((await put(profile, one, [cookie])).status).toBe(200);
      const refused = await put(profile, same, [cookie]);
      expect(refused.status).toBe(profile === 'nginx' ? 403 : 429);
      expect(refused.value('retry-after') !== undefined).toBe(profile !== 'nginx');
      expect((await put(profile, other, [cookie])).status).toBe(200);
    });

    it('takes no answer of our own for a yes', async () => {
      for (const uri of ['/fixed', '/auth/login', '/auth/session']) {
        const response = await put(profile, { uri }, [cookie]);
        expect(response.status, uri).toBe(403);
        expect(response.values('x-userinfo')).toEqual([]);
      }
      const gone = await put(profile, { uri: '/gone' }, [cookie]);
      expect(gone.status).toBe(profile === 'nginx' ? 403 : 410);
    });

    it.each(['/a/../public/x', '//public/x', '/public/./x', '/%70ublic/x', '/a//b'])(
      'refuses %s, which its proxy would forward as it is',
      async (uri) => {
        expect((await put(profile, { uri }, [cookie])).status).toBe(403);
      },
    );

    it.each(['/a%2fb', '/a\\b', '/a%00', '/public;x/y'])(
      'refuses %s as the edge does',
      async (uri) => {
        const status = (await put(profile, { uri }, [cookie])).status;
        const edge = await ask(gateway.edge, question('GET', uri, 'app.example', [cookie]));
        expect(edge.status).toBe(400);
        expect(status).toBe(profile === 'nginx' ? 403 : edge.status);
      },
    );

    it('judges a WebSocket by its origin', async () => {
      const fields = handshakeLines.slice(2);
      const own = [cookie, ...fields, 'Origin: http://app.example'];
      expect((await put(profile, {}, own)).status).toBe(200);
      const foreign = [cookie, ...fields, 'Origin: http://evil.example'];
      expect((await put(profile, {}, foreign)).status).toBe(403);
      expect((await put(profile, {}, [cookie, ...fields])).status).toBe(403);
      expect((await put(profile, { uri: '/plain/' }, own)).status).toBe(403);
      const odd = [
        cookie,
        'Sec-WebSocket-Version: 8',
        'Sec-WebSocket-Key: x',
        'Origin: http://app.example',
      ];
      expect((await put(profile, {}, odd)).status).toBe(403);
    });

    it('never switches protocols itself', async () => {
      const response = await put(profile, {}, [
        ...handshakeLines,
        cookie,
        'Origin: http://app.example',
      ]);
      expect(response.status).toBe(200);
    });

    it('answers on the head alone, and a body that was announced ends the connection', async () => {
      await using client = await RawClient.connect(gateway.control);
      const bytes = questions[profile]?.({ method: 'POST' }, [cookie, 'Content-Length: 10']) ?? '';
      const response = await client.write(bytes).response();
      expect(response.status).toBe(200);
      expect(response.value('connection')).toBe('close');
    });

    it('answers many on one connection', async () => {
      await using client = await RawClient.connect(gateway.control);
      for (const [lines, status] of [
        [[cookie], 200],
        [[], 401],
        [[staff], 200],
        [['Cookie: portcullis=x'], 401],
        [[cookie], 200],
      ] as const) {
        const response = await client.write(questions[profile]?.({}, lines) ?? '').response();
        expect(response.status).toBe(status);
      }
    });

    it('writes down whose request it was', async () => {
      const uri = `/logged-${profile}`;
      await put(profile, { uri, method: 'DELETE' }, [cookie]);
      const line = await gateway.accessLine('it', (one) => one['path'] === uri);
      expect(line).toMatchObject({
        client: '203.0.113.7',
        listener: 'control',
        method: 'DELETE',
        route: expect.stringMatching(/^edge\//),
        status: 200,
        user: 'user1',
      });
    });
  });

  it('says nothing to somebody who describes no request', async () => {
    const bare = (target: string, lines: readonly string[]): string =>
      question('GET', target, 'c', [cookie, ...lines]);
    const all = xForwarded({});
    for (const target of ['/sidecar/caddy', '/sidecar/traefik', '/sidecar/haproxy']) {
      expect((await ask(gateway.control, bare(target, all))).status).toBe(200);
      for (const left of all.slice(0, 4)) {
        const rest = all.filter((line) => line !== left);
        expect((await ask(gateway.control, bare(target, rest))).status, left).toBe(403);
        // Twice is not at all: one of the two may be the client's.
        expect((await ask(gateway.control, bare(target, [...all, left]))).status, left).toBe(403);
      }
    }
    const original = xOriginal({});
    expect((await ask(gateway.control, bare('/sidecar/nginx', all))).status).toBe(403);
    for (const left of original.slice(0, 2)) {
      const rest = original.filter((line) => line !== left);
      expect((await ask(gateway.control, bare('/sidecar/nginx', rest))).status).toBe(403);
      expect((await ask(gateway.control, bare('/sidecar/nginx', [...original, left]))).status).toBe(
        403,
      );
    }
    expect(
      await gateway.metric('portcullis_rejected_total', 'reason="not-described"'),
    ).toBeGreaterThan(20);
  });

  it('of Envoy is never left by dots in the path of a client', async () => {
    for (const rest of ['/../../escalate', '/..', '/%2e%2e/%2e%2e/x', '//', '/../caddy']) {
      const bytes = question('GET', `/sidecar/envoy${rest}`, 'app.example', [
        'X-Forwarded-Proto: http',
        ...xForwarded({}).slice(0, 1),
        cookie,
      ]);
      const response = await ask(gateway.control, bytes);
      expect(response.status, rest).toBe(403);
      expect(response.values('x-userinfo')).toEqual([]);
    }
  });

  it('of Envoy says what has to be taken out of the request', async () => {
    const removed = async (uri: string, lines: readonly string[]): Promise<string | undefined> =>
      (await put('envoy', { uri }, lines)).value('x-envoy-auth-headers-to-remove');
    expect(await removed('/x', [cookie])).toBe('authorization,proxy');
    expect(await removed('/x', [staff])).toBe('authorization,cookie,proxy');
    expect(await removed('/public/x', [])).toBe('authorization,cookie,proxy,x-userinfo');
    expect(await removed('/kept/', [cookie])).toBe('proxy');
    expect(await removed('/kept/', [staff])).toBe('cookie,proxy');
    expect(
      (await put('caddy', {}, [cookie])).value('x-envoy-auth-headers-to-remove'),
    ).toBeUndefined();
  });

  it('of NGINX and Envoy believes no client that forwards for itself', async () => {
    const said = ['X-Forwarded-Host: evil.example', 'Forwarded: for=6.6.6.6;host=evil.example'];
    const foreign = [...handshakeLines.slice(2), 'Origin: http://evil.example', cookie];
    for (const profile of ['nginx', 'envoy']) {
      expect((await put(profile, {}, [...said, ...foreign])).status, profile).toBe(403);
      const own = foreign.map((line) => line.replace('evil', 'app'));
      expect((await put(profile, {}, [...said, ...own])).status, profile).toBe(200);
    }
    // Its word on the scheme would choose the cookie.
    expect((await put('nginx', {}, ['X-Forwarded-Proto: https', cookie])).status).toBe(200);
  });

  it('is asked at its own path alone', async () => {
    for (const target of [
      '/sidecar/nginx/',
      '/sidecar/envoy?a',
      '/sidecar/./nginx',
      '/sidecar/envoy',
    ]) {
      const response = await ask(
        gateway.control,
        question('GET', target, 'c', [...xOriginal({}), cookie]),
      );
      expect(response.status, target).toBe(404);
      expect(response.values('x-userinfo')).toEqual([]);
    }
  });

  it('ends with the session', async () => {
    const login = await logIn(gateway.edge, 'user2', 'pass2');
    const lines = [`Cookie: ${login.cookie}`];
    expect((await put('nginx', {}, lines)).status).toBe(200);
    const out = question('POST', '/auth/logout', 'localhost', [...lines, 'Content-Length: 0']);
    expect((await ask(gateway.edge, out)).status).toBe(200);
    const after = await put('nginx', {}, lines);
    expect(after.status).toBe(401);
    expect(after.values('set-cookie')).toEqual([expect.stringMatching(/^portcullis=;/)]);
  });
});

describe('a listener where a proxy asks', () => {
  it('counts no connection of its peers against the cap of an address', async () => {
    const yaml = await sidecarYaml(9);
    const control = yaml.listeners['control'];
    if (control === undefined) throw new Error('no control listener');
    control.trustedPeers = ['127.0.0.1/32'];
    control.limits = { connectionsPerAddressMax: 1 };
    await using gateway = await Gateway.start(yaml);
    const bytes = questions['caddy']?.({}) ?? '';
    await using stack = new AsyncDisposableStack();
    for (let count = 0; count < 5; count++) {
      const client = stack.use(await RawClient.connect(gateway.control));
      expect((await client.write(bytes).response()).status).toBe(401);
    }
    const options = { localAddress: '127.0.0.2' };
    const first = stack.use(await RawClient.connect(gateway.control, options));
    expect((await first.write(bytes).response()).status).toBe(403);
    const second = stack.use(await RawClient.connect(gateway.control, options));
    await second.closed();
    expect(second.pending.length).toBe(0);
  });
});

describe('a sidecar whose peers are others', () => {
  it('is asked in vain', async () => {
    const yaml = await sidecarYaml(9);
    const control = yaml.listeners['control'];
    if (control === undefined) throw new Error('no control listener');
    control.trustedPeers = ['127.0.0.2/32'];
    await using gateway = await Gateway.start(yaml);
    const { cookie } = await logIn(gateway.edge);
    for (const profile of profiles) {
      const bytes = questions[profile]?.({}, [`Cookie: ${cookie}`]) ?? '';
      const response = await ask(gateway.control, bytes);
      expect(response.status).toBe(403);
      expect(response.values('x-userinfo')).toEqual([]);
      await using client = await RawClient.connect(gateway.control, { localAddress: '127.0.0.2' });
      expect((await client.write(bytes).response()).status).toBe(200);
    }
    expect(await gateway.metric('portcullis_rejected_total', 'reason="peer-untrusted"')).toBe(
      profiles.length,
    );
  });
});
