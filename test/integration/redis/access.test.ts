import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Gateway, projectRoot } from '../../support/gateway.ts';
import type { Plan } from '../../support/gateway-yaml.ts';
import { logIn } from '../../support/login.ts';
import { askAt } from '../../support/multinode.ts';
import { logOut, nodeYaml, readiness, RedisNodes, statusOf } from '../../support/redis-nodes.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { makeCertificates } from '../../support/signed-certificates.ts';
import { freePorts } from '../../support/free-ports.ts';
import { waitFor, waitForValue } from '../../support/wait-for.ts';
import { run } from '../../support/worker-processes.ts';

const password = 'change-this-password';
const tokensPath = '/api/9/http/keyvals/tokens';

/** A zone, its API, and a token cache that uses it. */
const zonesPlan: Partial<Plan> = {
  routes: [
    { path: '/api/', endpoint: 'keyval', auth: 'none', keyval: { write: true } },
    { exactPath: '/made', auth: 'none', respond: { status: 200, body: 'a-token-of-text' } },
    { path: '/t/', auth: 'token-cache', tokenCache: 'main', upstream: 'app' },
  ],
  sections: {
    zones: { tokens: { timeout: '1h' } },
    tokenCaches: {
      main: {
        zone: 'tokens',
        key: ['address'],
        service: { url: 'http://127.0.0.1:{port:edge}/made', format: 'text' },
      },
    },
  },
};

async function zoneStatus(port: number, method: string, path: string, body = ''): Promise<number> {
  return (await askAt(port, { method, path, body })).status;
}

describe('a Redis that asks who is there', () => {
  it('lets a gateway in with no more rights than the sample grants', async () => {
    const args = ['--aclfile', join(projectRoot, 'config/redis.acl')];
    await using redis = await RedisServer.start({ args });
    await using nodes = await RedisNodes.start(redis, {
      store: { username: 'portcullis', password, waitReplicas: 1 },
      plan: zonesPlan,
    });
    const [a, b] = [nodes.node(0).edge, nodes.node(1).edge];
    const login = await logIn(a);
    expect(await statusOf(b, login)).toBe(200);
    expect((await logOut(a, login)).status).toBe(200);
    expect(await statusOf(b, login)).toBe(401);
    const statuses = [
      await zoneStatus(a, 'GET', '/t/x'),
      await zoneStatus(b, 'POST', tokensPath, '{"k":"a value"}'),
      await zoneStatus(a, 'GET', tokensPath),
      await zoneStatus(b, 'PATCH', tokensPath, '{"k":null}'),
      await zoneStatus(a, 'DELETE', tokensPath),
      await zoneStatus(b, 'GET', '/api/9/stream/zone_sync'),
    ];
    expect(statuses).toEqual([200, 201, 200, 204, 204, 200]);
    const config = ['--config', nodes.node(0).configPath];
    expect((await run('sessions', 'list', ...config)).code).toBe(0);
    expect((await run('sessions', 'revoke', '--everybody', ...config)).code).toBe(0);
    await nodes.node(1).process.stop();
    const said = nodes.gateways.map((gateway) => gateway.process.stderr).join('');
    expect(said).not.toMatch(/NOPERM|store\.trouble|store\.failed/);
    expect(said).not.toContain(password);
  });

  it('lets it in again with a password that was changed in its file', async () => {
    await using redis = await RedisServer.start({
      args: ['--requirepass', 'first'],
      auth: { password: 'first' },
    });
    const passwordFile = join(redis.folder, 'password');
    await writeFile(passwordFile, 'first\n');
    await using nodes = await RedisNodes.start(redis, { count: 1, store: { passwordFile } });
    const { edge } = nodes.node(0);
    const login = await logIn(edge);
    await redis.command('CONFIG', 'SET', 'requirepass', 'second');
    await writeFile(passwordFile, 'second\n');
    redis.auth = { password: 'second' };
    await redis.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    // The password of before was not kept for the new connections.
    const fresh = await waitForValue('the gateway to be back', () => logIn(edge).catch(() => null));
    await waitFor('the old session', async () => (await statusOf(edge, login)) === 200);
    expect((await logOut(edge, fresh)).status).toBe(200);
  });

  it('is spoken to over TLS, with a certificate of its own, and no other one', async () => {
    const [plain = 0] = await freePorts(1);
    await using redis = await RedisServer.reserve();
    const { caFile, certFile, keyFile } = await makeCertificates(redis.folder, 'IP:127.0.0.1');
    redis.args = [
      ...['--port', String(plain), '--tls-port', String(redis.port)],
      ...['--tls-cert-file', certFile, '--tls-key-file', keyFile],
      ...['--tls-ca-cert-file', caFile, '--tls-auth-clients', 'no'],
    ];
    redis.plainPort = plain;
    await redis.launch();
    const login = async (gateway: Gateway): Promise<number> =>
      statusOf(gateway.edge, await logIn(gateway.edge));
    await using nodes = await RedisNodes.start(redis, {
      count: 1,
      store: { secure: true, tls: { caFile } },
    });
    expect(await login(nodes.node(0))).toBe(200);
    const yaml = nodeYaml(redis, nodes.upstream.port, { store: { secure: true } });
    await using stranger = await Gateway.start(yaml, { until: 'live' });
    await waitFor('the refusal', () => /certificate/.test(stranger.process.stderr));
    expect((await readiness(stranger)).status).toBe(503);
  });
});

describe('what stands in Redis', () => {
  it('begins with the prefix, names nobody, and goes two touch intervals after the idle timeout', async () => {
    await using redis = await RedisServer.start();
    await using nodes = await RedisNodes.start(redis, {
      count: 1,
      plan: {
        sections: {
          tokens: { keys: [{ id: 'k1', secret: 'nodes of one cluster have one secret' }] },
          sessions: { idleTimeout: '60s', store: { type: 'redis', servers: [redis.address] } },
        },
      },
    });
    const login = await logIn(nodes.node(0).edge);
    await logIn(nodes.node(0).edge, 'user2', 'pass2');
    expect(await statusOf(nodes.node(0).edge, login)).toBe(200);
    const keys = (await redis.command('KEYS', '*')) as string[]; // Redis gives names
    expect(keys.filter((key) => !key.startsWith('{gw}:'))).toEqual([]);
    const sessions = keys.filter((key) => key.startsWith('{gw}:s:'));
    expect(sessions.length).toBe(2);
    for (const key of sessions) {
      const ttl = Number(await redis.command('PTTL', key));
      // A touch that comes late has to find something.
      expect(ttl).toBeGreaterThan(62_000);
      expect(ttl).toBeLessThanOrEqual(72_000);
    }
    await redis.command('SAVE');
    const dump = await readFile(join(redis.folder, 'dump.rdb'), 'latin1');
    for (const word of ['user1', 'user2', 'physician', 'group1', login.token]) {
      expect(dump).not.toContain(word);
    }
  });
});

describe('a stranger with access to Redis', () => {
  it('can neither end a session by a message, nor open one, nor acknowledge', async () => {
    await using redis = await RedisServer.start();
    await using nodes = await RedisNodes.start(redis);
    const [a, b] = [nodes.node(0), nodes.node(1)];
    const login = await logIn(a.edge);
    expect(await statusOf(b.edge, login)).toBe(200);
    const keys = (await redis.command('KEYS', '{gw}:s:*')) as string[]; // Redis gives names
    const key = (keys[0] ?? '').slice('{gw}:s:'.length);
    const payload = `revoked 0123456789abcdef ${key}`;
    const said = ['1', '0123456789abcdef', payload, 'k1.AAAAAAAAAAAAAAAAAAAAAA'].join('\n');
    await redis.command('SPUBLISH', '{gw}:bus', said);
    await redis.command('SPUBLISH', '{gw}:bus', 'nonsense');
    await waitFor(
      'the messages to be counted',
      async () => (await b.metric('portcullis_coherence_forged_total')) === 2,
    );
    expect(await statusOf(b.edge, login)).toBe(200);
    // In the log it is a reason to read everything anew, not to believe it.
    const entry = ['t', '0123456789abcdef', 'p', payload, 'm', 'k1.AAAAAAAAAAAAAAAAAAAAAA'];
    await redis.command('XADD', '{gw}:log', '1-0', ...entry);
    await waitFor(
      'the jump',
      async () => (await b.metric('portcullis_coherence_jumps_total', 'reason="forged"')) === 1,
    );
    expect(await statusOf(b.edge, login)).toBe(200);
    // A record that was put in the place of another is nobody's.
    const other = await logIn(a.edge, 'user2', 'pass2');
    const both = (await redis.command('KEYS', '{gw}:s:*')) as string[]; // Redis gives names
    const victim = both.find((one) => one !== keys[0]) ?? '';
    const value = String(await redis.command('HGET', keys[0] ?? '', 'v'));
    await redis.command('HSET', victim, 'v', value);
    expect(await statusOf(b.edge, other)).toBe(401);
  });
});

describe('a Redis without room', () => {
  it('opens no session, and ends those there are', async () => {
    await using redis = await RedisServer.start();
    await using nodes = await RedisNodes.start(redis);
    const [a, b] = [nodes.node(0).edge, nodes.node(1).edge];
    const login = await logIn(a);
    expect(await statusOf(b, login)).toBe(200);
    await redis.command('CONFIG', 'SET', 'maxmemory', '1');
    await expect(logIn(a)).rejects.toThrow(/503/);
    expect((await logOut(a, login)).status).toBe(200);
    expect(await statusOf(b, login)).toBe(401);
  });

  it('that may evict keys is warned of', async () => {
    await using redis = await RedisServer.start({ args: ['--maxmemory-policy', 'allkeys-lru'] });
    await using nodes = await RedisNodes.start(redis, { count: 1 });
    await waitFor('the warning', () =>
      /store\.unsafe.*may evict keys/.test(nodes.node(0).process.stderr),
    );
  });
});
