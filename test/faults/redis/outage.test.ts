import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Gateway } from '../../support/gateway.ts';
import { logIn, type Login } from '../../support/login.ts';
import { ok, RecordingUpstream } from '../../support/recording-upstream.ts';
import { get, isOutage, logOut, logOutUser, nodeYaml } from '../../support/redis-nodes.ts';
import { readiness, RedisNodes, statusOf } from '../../support/redis-nodes.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { waitFor } from '../../support/wait-for.ts';

const bound = 1_000;

describe('while Redis is frozen', () => {
  it('for less than a lease, no client notices', async () => {
    await using redis = await RedisServer.start();
    await using nodes = await RedisNodes.start(redis, {
      coherence: { staleness: '4s', pollInterval: '200ms', settle: '200ms' },
    });
    const login = await logIn(nodes.node(0).edge);
    redis.signal('SIGSTOP');
    const untilMs = performance.now() + 1_500;
    const seen = new Set<number>();
    while (performance.now() < untilMs) seen.add(await statusOf(nodes.node(0).edge, login));
    redis.signal('SIGCONT');
    expect([...seen]).toEqual([200]);
    expect((await readiness(nodes.node(0))).coherence).toBe('coherent');
    // A command may have had no answer for so long that its connection was given up: another one is made first.
    await waitFor('readiness', async () => (await readiness(nodes.node(0))).status === 200);
  });

  it('for longer, everybody is answered 503 with an untouched cookie, and served again afterwards', async () => {
    await using redis = await RedisServer.start();
    await using nodes = await RedisNodes.start(redis);
    const [a, b] = [nodes.node(0), nodes.node(1)];
    const login = await logIn(a.edge);
    expect(await statusOf(b.edge, login)).toBe(200);
    redis.signal('SIGSTOP');
    const stoppedAtMs = performance.now();
    await waitFor('the outage', async () => isOutage(await get(a.edge, login)));
    expect(performance.now() - stoppedAtMs).toBeLessThan(bound + 1_000);
    await waitFor('the outage', async () => isOutage(await get(b.edge, login)));
    await waitFor('isolation', async () => (await readiness(a)).coherence === 'isolated');
    expect((await readiness(a)).status).toBe(503);
    redis.signal('SIGCONT');
    await waitFor('the recovery', async () => (await statusOf(a.edge, login)) === 200);
    await waitFor('the recovery', async () => (await statusOf(b.edge, login)) === 200);
    await waitFor('readiness', async () => (await readiness(a)).status === 200);
  });

  it('a logout is 503 and refused at once here, and everywhere as soon as Redis is back', async () => {
    await using redis = await RedisServer.start();
    await using nodes = await RedisNodes.start(redis);
    const [a, b] = [nodes.node(0).edge, nodes.node(1).edge];
    const login = await logIn(a);
    expect(await statusOf(b, login)).toBe(200);
    redis.signal('SIGSTOP');
    expect(isOutage(await logOut(a, login))).toBe(true);
    expect(await statusOf(a, login)).toBe(401);
    expect(isOutage(await logOut(a, login))).toBe(true);
    redis.signal('SIGCONT');
    await waitFor('an end of the logout', async () => (await logOut(a, login)).status === 401);
    expect(await statusOf(b, login)).toBe(401);
  });
});

describe('a route that would rather serve somebody who has just been logged out than nobody', () => {
  it('goes on for so long with sessions that are known, and never with those known to have ended', async () => {
    await using redis = await RedisServer.start();
    const stale = { path: '/stale/', auth: 'session', upstream: 'app', serveStale: '4s' } as const;
    await using nodes = await RedisNodes.start(redis, { count: 1, plan: { routes: [stale] } });
    const node = nodes.node(0);
    const { edge } = node;
    const [kept, ended, unknown] = [await logIn(edge), await logIn(edge), await logIn(edge)];
    const statusAt = async (path: string, login: Login): Promise<number> =>
      (await get(edge, login, path)).status;
    redis.signal('SIGSTOP');
    await waitFor('the outage', async () => isOutage(await get(edge, kept)));
    expect(await statusAt('/stale/x', kept)).toBe(200);
    expect((await logOut(edge, ended)).status).toBe(503);
    expect(await statusAt('/stale/x', ended)).toBe(401);
    expect(await statusAt('/stale/x', { ...unknown, cookie: `${unknown.cookie}x` })).toBe(401);
    expect(await node.metric('portcullis_sessions_served_stale_total')).toBeGreaterThan(0);
    await waitFor('the end of it', async () => isOutage(await get(edge, kept, '/stale/x')), 10_000);
    redis.signal('SIGCONT');
    await waitFor('the recovery', async () => (await statusAt('/stale/x', kept)) === 200);
    await waitFor('the recovery', async () => (await statusAt('/x', kept)) === 200);
    await waitFor('the store to hear', async () => (await tombstonesOf(redis)) === 1);
    expect(node.process.stderr).toContain('lets sessions in for 4s while their store');
  });
});

describe('when Redis is killed', () => {
  it('and comes back with its file, sessions and endings have survived', async () => {
    const args = ['--appendonly', 'yes', '--appendfsync', 'always'];
    await using redis = await RedisServer.start({ args });
    await using nodes = await RedisNodes.start(redis);
    const [a, b] = [nodes.node(0).edge, nodes.node(1).edge];
    const [kept, ended] = [await logIn(a), await logIn(a)];
    expect((await logOut(a, ended)).status).toBe(200);
    await redis.kill();
    await waitFor('the outage', async () => isOutage(await get(a, kept)));
    await redis.launch();
    for (const port of [a, b]) {
      await waitFor('the recovery', async () => (await statusOf(port, kept)) === 200);
      expect(await statusOf(port, ended)).toBe(401);
    }
  });

  it('and comes back from before a logout, it is told of it before anybody believes it', async () => {
    await using redis = await RedisServer.start({ args: ['--dbfilename', 'before.rdb'] });
    await using nodes = await RedisNodes.start(redis, {
      coherence: { staleness: '1s', pollInterval: '200ms', settle: '1s' },
    });
    const [a, b] = [nodes.node(0).edge, nodes.node(1).edge];
    const [kept, ended] = [await logIn(a), await logIn(a)];
    expect(await statusOf(b, ended)).toBe(200);
    await redis.command('SAVE');
    expect((await logOut(a, ended)).status).toBe(200);
    await redis.kill();
    await redis.launch();
    expect(await redis.command('KEYS', '*')).not.toEqual([]);
    const late = await Gateway.start(
      nodeYaml(redis, nodes.upstream.port, {
        coherence: { staleness: '1s', pollInterval: '200ms', settle: '1s' },
      }),
    );
    await using _ = late;
    for (const port of [a, b, late.edge]) {
      await waitFor('the recovery', async () => {
        expect(await statusOf(port, ended)).not.toBe(200);
        return (await statusOf(port, kept)) === 200;
      });
      expect(await statusOf(port, ended)).toBe(401);
    }
  });

  it('and comes back empty, nobody is logged in, and people can log in', async () => {
    await using redis = await RedisServer.start();
    await using nodes = await RedisNodes.start(redis);
    const { edge } = nodes.node(0);
    const login = await logIn(edge);
    await redis.kill();
    await waitFor('the outage', async () => isOutage(await get(edge, login)));
    await redis.launch();
    await waitFor('the recovery', async () => (await statusOf(edge, login)) === 401);
    expect(await statusOf(edge, await logIn(edge))).toBe(200);
  });
});

describe('a node', () => {
  it('that starts before Redis waits for it, and says so', async () => {
    await using redis = await RedisServer.reserve();
    await using upstream = await RecordingUpstream.start({ answer: ok() });
    await using gateway = await Gateway.start(nodeYaml(redis, upstream.port), { until: 'live' });
    expect(await readiness(gateway)).toEqual({ status: 503, coherence: 'isolated' });
    await redis.launch();
    await waitFor('readiness', async () => (await readiness(gateway)).status === 200);
    expect(await statusOf(gateway.edge, await logIn(gateway.edge))).toBe(200);
  });

  it('that is frozen across a logout refuses the session in its first turn', async () => {
    await using redis = await RedisServer.start();
    await using nodes = await RedisNodes.start(redis);
    const [a, b] = [nodes.node(0), nodes.node(1)];
    const staff = await logIn(a.edge, 'admin', 'password');
    const login = await logIn(a.edge);
    expect(await statusOf(b.edge, login)).toBe(200);
    // The first logouts after the store was started are waited out.
    await pause(bound);
    b.process.signal('SIGSTOP');
    const sentAtMs = performance.now();
    const answer = await logOutUser(a.edge, staff, 'user1');
    expect(answer.status).toBe(202);
    expect(JSON.parse(answer.text())).toMatchObject({ revoked: 1, members: 2, acked: 1 });
    expect(performance.now() - sentAtMs).toBeLessThan(bound + 1_000);
    const asked = statusOf(b.edge, login);
    b.process.signal('SIGCONT');
    expect(await asked).toBe(401);
  });

  it('that was killed delays logouts for the bound, and soon no longer', async () => {
    await using redis = await RedisServer.start();
    await using nodes = await RedisNodes.start(redis);
    const [a, b] = [nodes.node(0), nodes.node(1)];
    await waitFor('the member table', async () => (await membersOf(redis)) === 2);
    b.process.signal('SIGKILL');
    await b.process.exit;
    await waitFor('the dead to be struck', async () => (await membersOf(redis)) === 1);
    const login = await logIn(a.edge);
    const staff = await logIn(a.edge, 'admin', 'password');
    const answer = await logOutUser(a.edge, staff, 'user1');
    expect(JSON.parse(answer.text())).toMatchObject({ members: 1, acked: 1 });
    expect(await statusOf(a.edge, login)).toBe(401);
  });

  it('that stops is waited for by nobody', async () => {
    await using redis = await RedisServer.start();
    await using nodes = await RedisNodes.start(redis);
    await waitFor('the member table', async () => (await membersOf(redis)) === 2);
    await nodes.node(1).process.stop();
    expect(await membersOf(redis)).toBe(1);
  });

  it('whose subscription is cut hears of an ending all the same, before it is answered', async () => {
    await using redis = await RedisServer.start();
    await using nodes = await RedisNodes.start(redis);
    const [a, b] = [nodes.node(0).edge, nodes.node(1).edge];
    await pause(bound);
    for (let round = 0; round < 5; round += 1) {
      const login = await logIn(a);
      expect(await statusOf(b, login)).toBe(200);
      await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
      expect((await logOut(a, login)).status).toBe(200);
      expect(await statusOf(b, login)).toBe(401);
    }
  });
});

async function membersOf(redis: RedisServer): Promise<number> {
  return Number(await redis.command('HLEN', '{gw}:members'));
}

async function tombstonesOf(redis: RedisServer): Promise<number> {
  const keys = (await redis.command('KEYS', '{gw}:s:*')) as string[]; // Redis gives names
  const dead = await Promise.all(keys.map((key) => redis.command('HEXISTS', key, 'r')));
  return dead.filter((one) => one === 1).length;
}
