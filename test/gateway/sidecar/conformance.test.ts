import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalFieldName, METHOD_OVERRIDES } from '../../../src/http/field-names.ts';
import { startCaddy, startHaproxy, startNginx, type Front } from '../../support/front.ts';
import { Gateway, projectRoot } from '../../support/gateway.ts';
import { logIn } from '../../support/login.ts';
import { markdownTable } from '../../support/markdown-table.ts';
import { ask, RawClient } from '../../support/raw-client.ts';
import { ok, RecordingUpstream, type ReceivedRequest } from '../../support/recording-upstream.ts';
import { isOutage } from '../../support/redis-nodes.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { outageCases, sidecarCases, type SidecarCase } from '../../support/sidecar-cases.ts';
import { sidecarYaml } from '../../support/sidecar-yaml.ts';
import { waitFor } from '../../support/wait-for.ts';
import { agrees } from '../../support/web-socket.ts';

const fronts = ['nginx', 'caddy', 'haproxy'] as const;
type Place = 'edge' | (typeof fronts)[number];

/** What came of a request at one place. */
interface Decision {
  readonly status: number;
  readonly location: string | undefined;
  /** The Set-Cookie fields that name our cookie, without the token. */
  readonly cookies: readonly string[];
  readonly passed: readonly ReceivedRequest[];
}

describe('nginx, Caddy and HAProxy decide as the edge', () => {
  const stack = new AsyncDisposableStack();
  const places = new Map<Place, number>();
  const sessions = new Map<string, string>();
  let redis: RedisServer;
  let upstream: RecordingUpstream;
  let rows: ReadonlyMap<string, Readonly<Record<string, string>>>;

  beforeAll(async () => {
    const text = await readFile(join(projectRoot, 'docs/sidecar.md'), 'utf8');
    rows = markdownTable(text, 'What a front cannot carry');
    redis = stack.use(await RedisServer.start());
    upstream = stack.use(
      await RecordingUpstream.start({
        answer: (turn) => {
          const isAsked = turn.request.values('upgrade').length > 0;
          return (isAsked ? agrees() : ok())(turn);
        },
      }),
    );
    const yaml = await sidecarYaml(upstream.port, [
      { path: '/plain/', upstream: 'app', webSockets: false },
      { path: '/token/', tokenCache: 'main', upstream: 'app' },
      { exactPath: '/made', auth: 'none', respond: { status: 200, body: 'a-token-of-text' } },
      { path: '/read/', methods: ['GET'], auth: 'none', upstream: 'app' },
    ]);
    // For clients that come directly: nobody is believed there.
    const { edge } = yaml.listeners;
    if (edge === undefined) throw new Error('no edge');
    yaml.listeners['direct'] = { ...edge, trustedProxies: [] };
    yaml.tokens = { keys: [{ id: 'k1', secret: 'one secret for a gateway and its sidecars' }] };
    yaml.sessions = { store: { type: 'redis', servers: [redis.address] } };
    yaml.zones = { tokens: { timeout: '300s' } };
    yaml.tokenCaches = {
      main: {
        zone: 'tokens',
        key: ['principal'],
        service: { url: 'http://127.0.0.1:{port:edge}/made', format: 'text' },
      },
    };
    yaml.coherence = { staleness: '1s', pollInterval: '200ms', settle: '200ms' };
    const gateway = stack.use(await Gateway.start(yaml));
    const ports = { edge: gateway.edge, control: gateway.control, application: upstream.port };
    places.set('edge', gateway.port('direct'));
    for (const start of [startNginx, startCaddy, startHaproxy]) {
      const front: Front = stack.use(await start(ports));
      places.set(front.name as Place, front.port); // named as the places are
    }
    for (const [user, password] of [
      ['user1', 'pass1'],
      ['user2', 'pass2'],
      ['admin', 'password'],
      ['ended', ''],
    ] as const) {
      const login = await (user === 'ended'
        ? logIn(gateway.edge)
        : logIn(gateway.edge, user, password));
      sessions.set(user, login.cookie);
    }
    const out = `GET /auth/logout HTTP/1.1\r\nHost: localhost\r\nCookie: ${sessions.get('ended') ?? ''}\r\n\r\n`;
    expect((await ask(gateway.edge, out)).status).toBe(200);
  });
  afterAll(async () => {
    await stack.disposeAsync();
  });

  function cookieLines({ by }: SidecarCase): string[] {
    switch (by) {
      case 'nobody':
        return [];
      case 'forged':
        return ['Cookie: portcullis=nonsense'];
      case 'both':
        return [`Cookie: ${sessions.get('user1') ?? ''}; ${sessions.get('admin') ?? ''}`];
      default:
        return [`Cookie: ${sessions.get(by) ?? ''}`];
    }
  }

  async function decide(place: Place, one: SidecarCase): Promise<Decision> {
    const mark = upstream.requests.length;
    const own = cookieLines(one);
    // One field with all cookies, as browsers send them.
    const theirs = one.lines.find((line) => line.startsWith('Cookie: '))?.slice('Cookie: '.length);
    const cookies =
      theirs === undefined
        ? own
        : [[...own, `Cookie: ${theirs}`].join('; ').replace('; Cookie: ', '; ')];
    const rest = one.lines.filter((line) => !line.startsWith('Cookie: '));
    const head = [`${one.method} ${one.target} HTTP/1.1`, 'Host: app.example', ...cookies, ...rest];
    await using client = await RawClient.connect(places.get(place) ?? 0);
    client.write(`${head.join('\r\n')}\r\n\r\n${one.body}`);
    const response = await client.response(one.method).catch((error: unknown) => {
      if (String(error).includes('101 Switching Protocols')) return null;
      throw error;
    });
    return {
      status: response?.status ?? 101,
      location: response?.value('location'),
      cookies: response?.values('set-cookie').map((value) => value.replace(/=[^;]*/, '=')) ?? [],
      passed: upstream.requests.slice(mark),
    };
  }

  function identityOf({ fields, trailers }: ReceivedRequest): string[] {
    return [...fields, ...trailers]
      .filter(([name]) => canonicalFieldName(name) === 'x-userinfo')
      .map(([, value]) => value);
  }

  function expectSame(place: Place, one: SidecarCase, edge: Decision, other: Decision): void {
    const row = one.row === null ? undefined : rows.get(one.row);
    if (one.row !== null && row === undefined) throw new Error(`no row ${one.row}`);
    const said = row?.[place];
    const status = said === undefined || said === 'as the edge' ? edge.status : Number(said);
    expect(other.status, `${place}: ${one.name}`).toBe(status);
    for (const { head, trailers } of other.passed) {
      expect(head + JSON.stringify(trailers), `${place}: ${one.name}`).not.toMatch(/root|198\.51/);
      expect(head).not.toContain('portcullis=');
    }
    if (status !== edge.status) {
      expect(other.passed, `${place}: ${one.name}`).toEqual([]);
      return;
    }
    expect(other.location).toBe(edge.location);
    expect(other.cookies, `${place}: ${one.name}`).toEqual(edge.cookies);
    const shown = (decision: Decision): unknown =>
      decision.passed.map((request) => ({
        method: request.method,
        target: request.target,
        body: request.body.toString('latin1'),
        identity: identityOf(request),
        cookies: request.values('cookie'),
        authorization: request.values('authorization'),
        token: request.values('x-authkey'),
        proxy: request.values('proxy'),
        overrides: METHOD_OVERRIDES.map((name) => request.values(name)),
        client: request.values('x-forwarded-for'),
        proto: request.values('x-forwarded-proto'),
        host: request.values('x-forwarded-host'),
      }));
    expect(shown(other), `${place}: ${one.name}`).toEqual(shown(edge));
  }

  async function compare(one: SidecarCase): Promise<void> {
    const edge = await decide('edge', one);
    const said = one.row === null ? undefined : rows.get(one.row)?.['edge'];
    if (said !== undefined) expect(String(edge.status)).toBe(said);
    const expected = one.by === 'user1' || one.by === 'user2' || one.by === 'admin' ? one.by : null;
    for (const request of edge.passed) {
      const isAsked = !one.target.startsWith('/public/');
      expect(identityOf(request)).toEqual(
        expected !== null && isAsked ? [expect.stringContaining(`"${expected}"`)] : [],
      );
    }
    for (const front of fronts) expectSame(front, one, edge, await decide(front, one));
  }

  it.each(sidecarCases.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
    await compare(one);
  });

  it('the token of a route reaches the application, and Caddy’s file leaves it out', async () => {
    const cookie = sessions.get('user1') ?? '';
    for (const place of ['edge', ...fronts] as const) {
      const mark = upstream.requests.length;
      const bytes = `GET /token/x HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\nX-Authkey: root\r\n\r\n`;
      expect((await ask(places.get(place) ?? 0, bytes)).status).toBe(200);
      const tokens = upstream.requests.slice(mark).map((one) => one.values('x-authkey'));
      expect(tokens, place).toEqual([place === 'caddy' ? [] : ['a-token-of-text']]);
    }
  });

  describe('while the store is out', () => {
    beforeAll(async () => {
      await redis.kill();
      const bytes = `GET /x HTTP/1.1\r\nHost: a\r\nCookie: ${sessions.get('user1') ?? ''}\r\n\r\n`;
      await waitFor(
        'the outage',
        async () => isOutage(await ask(places.get('edge') ?? 0, bytes)),
        15_000,
      );
    });

    it.each(outageCases.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
      await compare(one);
    });
  });

  it('asked about sixty requests and more, and about every row of the table', () => {
    const all = [...sidecarCases, ...outageCases];
    expect(all.length).toBeGreaterThanOrEqual(60);
    const used = new Set(all.map(({ row }) => row).filter((row) => row !== null));
    expect([...rows.keys()].toSorted()).toEqual([...used].toSorted());
    expect(upstream.problems).toEqual([]);
  });
});
