import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { Front, nginxCommand, nginxFrame } from '../support/front.ts';
import { Gateway, projectRoot } from '../support/gateway.ts';
import { planned, type GatewayYaml } from '../support/gateway-yaml.ts';
import { logIn } from '../support/login.ts';
import { markdownTable } from '../support/markdown-table.ts';
import { ask, type RawResponse } from '../support/raw-client.ts';
import { RecordingUpstream, respond } from '../support/recording-upstream.ts';
import { RedisServer } from '../support/redis-server.ts';
import { request } from '../support/request.ts';
import { ossTemplate, startOssNginx } from '../support/tyke-front.ts';
import { waitFor } from '../support/wait-for.ts';

const folder = join(projectRoot, 'compat-nginx/oss');
const jsModule = 'load_module /usr/lib/nginx/modules/ngx_http_js_module.so;\n';

function withControl(yaml: GatewayYaml): GatewayYaml {
  yaml.listeners['control'] = {
    trustedPeers: ['127.0.0.1'],
    routes: [{ exactPath: '/validate', endpoint: 'validate' }],
  };
  return yaml;
}

const get = (port: number, ...lines: string[]): Promise<RawResponse> =>
  ask(port, request('GET', '/api/x', lines));

describe('NGINX with auth_request', () => {
  it('shares sessions by a store (T54), and while it is out says what the table of exceptions says (T57)', async () => {
    await using redis = await RedisServer.start();
    await using upstream = await RecordingUpstream.start();
    const yaml = withControl(planned({ upstreamPorts: [upstream.port], answers: 'tyke' }));
    yaml.tokens = {
      keys: [{ id: 'k1', secret: 'one secret for this gateway alone, long enough' }],
    };
    yaml.sessions = { store: { type: 'redis', servers: [redis.address] } };
    yaml.coherence = { staleness: '1s', pollInterval: '200ms', settle: '200ms' };
    const first = await Gateway.start(structuredClone(yaml));
    const { cookie } = await logIn(first.edge);
    await first[Symbol.asyncDispose]();
    await using gateway = await Gateway.start(yaml);
    await using nginx = await startOssNginx({
      controlPort: gateway.control,
      upstreamPort: upstream.port,
      cookieName: 'portcullis',
    });
    const line = `Cookie: ${cookie}`;
    expect((await get(nginx.port, line)).status).toBe(200);
    expect(upstream.onlyRequest.values('x-userinfo')).toEqual([expect.stringContaining('user1')]);
    await redis.kill();
    await waitFor('the outage', async () => (await get(gateway.edge, line)).status === 503, 15_000);
    const readme = await readFile(join(folder, 'README.md'), 'utf8');
    const row = markdownTable(readme, 'Where it differs').get('T57');
    const before = upstream.requests.length;
    const [edge, front] = [await get(gateway.edge, line), await get(nginx.port, line)];
    expect([edge.status, front.status].map(String)).toEqual([row?.['edge'], row?.['nginx']]);
    // The cookie may be good again.
    expect([...edge.values('set-cookie'), ...front.values('set-cookie')]).toEqual([]);
    expect(upstream.requests).toHaveLength(before);
  });

  it('keeps a renewed cookie out of answers that caches may share', async () => {
    await using upstream = await RecordingUpstream.start();
    const yaml = withControl(planned({ upstreamPorts: [upstream.port] }));
    yaml.cookie = { maxAge: '1h' };
    yaml.sessions = { idleTimeout: '1h', touchInterval: '1ms' };
    await using gateway = await Gateway.start(yaml);
    await using nginx = await startOssNginx({
      controlPort: gateway.control,
      upstreamPort: upstream.port,
      cookieName: 'portcullis',
    });
    const { cookie } = await logIn(gateway.edge);
    for (const [value, isRenewed] of [
      ['public, max-age=60', false],
      ['max-age=60, s-maxage=60', false],
      ['private', true],
      ['no-store', true],
    ] as const) {
      upstream.answer = respond(200, [['Cache-Control', value]], 'ok');
      const isNew = async (): Promise<boolean> => {
        const response = await get(nginx.port, `Cookie: ${cookie}`);
        expect(response.status).toBe(200);
        return response.values('set-cookie').length > 0;
      };
      if (isRenewed) await waitFor(`a renewed cookie beside ${value}`, isNew);
      else for (let round = 0; round < 10; round++) expect(await isNew(), value).toBe(false);
    }
  });
});

describe('NGINX with proxy_cache on the answer of auth_request', () => {
  it('asks once a second and session, and lets a session that has ended go on for so long', async () => {
    await using upstream = await RecordingUpstream.start();
    await using gateway = await Gateway.start(
      withControl(planned({ upstreamPorts: [upstream.port] })),
    );
    await using nginx = await startOssNginx({
      controlPort: gateway.control,
      upstreamPort: upstream.port,
      cookieName: 'portcullis',
      template: 'auth-request-cached.conf.template',
    });
    const one = await logIn(gateway.edge);
    const two = await logIn(gateway.edge, 'user2', 'pass2');
    const asked = (): number =>
      gateway.accessLines().filter((line) => line['path'] === '/validate').length;
    for (let round = 0; round < 10; round++) {
      expect((await get(nginx.port, `Cookie: ${one.cookie}`)).status).toBe(200);
      expect((await get(nginx.port, `Cookie: ${two.cookie}`)).status).toBe(200);
    }
    const users = upstream.requests.map((received) => received.values('x-userinfo'));
    expect(users).toHaveLength(20);
    for (const [index, user] of users.entries()) {
      expect(user).toEqual([expect.stringContaining(index % 2 === 0 ? 'user1' : 'user2')]);
    }
    await waitFor('the access log', () => asked() > 0);
    expect(asked()).toBeLessThan(10);
    // A no is never kept, whoever else was let in.
    expect((await get(nginx.port)).status).toBe(401);
    expect((await get(nginx.port, 'Cookie: portcullis=nonsense')).status).toBe(401);
    const out = request('POST', '/auth/logout', [`Cookie: ${one.cookie}`, 'Content-Length: 0']);
    expect((await ask(gateway.edge, out)).status).toBe(200);
    await waitFor(
      'the kept answer to run out',
      async () => (await get(nginx.port, `Cookie: ${one.cookie}`)).status === 401,
    );
  });
});

describe('NGINX with sessions from a file', () => {
  it('lets pass whom the file names, and nobody else', async () => {
    await using upstream = await RecordingUpstream.start();
    const [port = 0] = await freePorts(1);
    const conf = await ossTemplate('njs-sessions.conf.template', {
      RUN_DIRECTORY: '{folder}',
      EDGE_ADDRESS: `127.0.0.1:${String(port)}`,
      UPSTREAM_ADDRESS: `127.0.0.1:${String(upstream.port)}`,
      COOKIE_NAME: 'tyke_auth',
    });
    const files = {
      'nginx.conf': await nginxFrame(jsModule),
      'conf.d/sessions.conf': conf,
      'session.js': await readFile(join(folder, 'session.js'), 'utf8'),
      'sessions.json': await readFile(join(folder, 'sessions.json'), 'utf8'),
    };
    await using nginx = await Front.start('nginx', port, files, nginxCommand);
    const token = 'tyke_auth=replace-this-token-by-a-random-one';
    const passed = await get(
      nginx.port,
      `Cookie: a=1; ${token}; b=2`,
      'X-UserInfo: root',
      'X_UserInfo: root',
      'Authorization: x',
    );
    expect(passed.status).toBe(200);
    const { head, values } = upstream.onlyRequest;
    expect(values('x-userinfo')).toEqual(['user1:physician:group1,group2']);
    expect(values('cookie')).toEqual(['a=1; b=2']);
    expect(head).not.toMatch(/root|authorization|tyke_auth/i);
    for (const cookie of [
      '',
      'tyke_auth=',
      'tyke_auth=nonsense',
      'tyke_auth=a-session-that-is-over',
      'tyke_auth=__proto__',
      'tyke_auth=constructor',
      `${token}; ${token}`,
      token.replace('tyke_auth', 'Tyke_auth'),
    ]) {
      expect((await get(nginx.port, `Cookie: ${cookie}`)).status, cookie).toBe(403);
    }
    expect((await get(nginx.port)).status).toBe(403);
    expect(upstream.requests).toHaveLength(1);
  });
});
