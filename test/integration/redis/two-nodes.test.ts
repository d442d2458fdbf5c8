import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logIn } from '../../support/login.ts';
import { patientMs } from '../../support/patience.ts';
import { RedisNodes, logOut, logOutUser, statusOf } from '../../support/redis-nodes.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { nodesOf } from '../../support/worker-processes.ts';

describe('two nodes on one Redis', () => {
  let redis: RedisServer;
  let nodes: RedisNodes;

  beforeAll(async () => {
    redis = await RedisServer.start();
    nodes = await RedisNodes.start(redis);
  });

  afterAll(async () => {
    await nodes[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
  });

  it('share their sessions', async () => {
    const login = await logIn(nodes.node(0).edge);
    expect(await statusOf(nodes.node(1).edge, login)).toBe(200);
  });

  it('refuse a session on one node before the logout on the other is answered', async () => {
    for (let round = 0; round < 20; round += 1) {
      const login = await logIn(nodes.node(0).edge);
      expect(await statusOf(nodes.node(1).edge, login)).toBe(200);
      expect((await logOut(nodes.node(0).edge, login)).status).toBe(200);
      expect(await statusOf(nodes.node(1).edge, login)).toBe(401);
      expect(await statusOf(nodes.node(0).edge, login)).toBe(401);
    }
  });

  it('end all sessions of a user everywhere', async () => {
    const [a, b] = [nodes.node(0).edge, nodes.node(1).edge];
    const admin = await logIn(a, 'admin', 'password');
    const logins = [await logIn(a), await logIn(b), await logIn(b)];
    for (const login of logins) {
      expect(await statusOf(a, login)).toBe(200);
      expect(await statusOf(b, login)).toBe(200);
    }
    const answer = await logOutUser(a, admin, 'user1');
    expect(answer.status).toBe(200);
    for (const login of logins) {
      expect(await statusOf(a, login)).toBe(401);
      expect(await statusOf(b, login)).toBe(401);
    }
  });
});

describe('a worker of a primary that is killed', { timeout: patientMs(60_000) }, () => {
  it('is no member any more when the next one is, whatever its bound', async () => {
    await using redis = await RedisServer.start();
    await using nodes = await RedisNodes.start(redis, {
      count: 1,
      plan: { sections: sectionsOf(redis, '60s') },
    });
    const members = async (): Promise<string[]> =>
      ((await redis.command('HKEYS', '{gw}:members')) as string[]).toSorted(); // Redis gives names
    await waitFor('two members', async () => (await members()).length === 2);
    const before = await members();
    const [worker] = (await nodesOf(nodes.node(0))).workers;
    process.kill(worker?.pid ?? 0, 'SIGKILL');
    await waitFor('the next one', async () => (await members()).join() !== before.join(), 20_000);
    await waitFor('the dead to be struck', async () => {
      const now = await members();
      return now.length === 2 && before.filter((name) => now.includes(name)).length === 1;
    });
  });
});

describe('two nodes of two workers each', { timeout: patientMs(90_000) }, () => {
  it('refuse a session on every worker before the logout is answered', async () => {
    await using redis = await RedisServer.start();
    await using nodes = await RedisNodes.start(redis, { plan: { sections: sectionsOf(redis) } });
    const [a, b] = [nodes.node(0), nodes.node(1)];
    await waitFor(
      'four members',
      async () => Number(await redis.command('HLEN', '{gw}:members')) === 4,
    );
    const staff = await logIn(a.edge, 'admin', 'password');
    for (let round = 0; round < 10; round += 1) {
      const login = await logIn(a.edge);
      // New connections each: they go to the workers in turn.
      for (let ask = 0; ask < 4; ask += 1) {
        expect(await statusOf(a.edge, login)).toBe(200);
        expect(await statusOf(b.edge, login)).toBe(200);
      }
      const answer = await logOutUser(a.edge, staff, 'user1');
      expect(JSON.parse(answer.text())).toMatchObject({ revoked: 1, members: 4, acked: 4 });
      for (let ask = 0; ask < 4; ask += 1) {
        expect(await statusOf(a.edge, login)).toBe(401);
        expect(await statusOf(b.edge, login)).toBe(401);
      }
    }
  });
});

function sectionsOf(redis: RedisServer, staleness = '1s') {
  return {
    workers: 2,
    tokens: { keys: [{ id: 'k1', secret: 'nodes of one cluster have one secret' }] },
    sessions: { store: { type: 'redis', servers: [redis.address] } },
    coherence: { staleness, pollInterval: '200ms', settle: '200ms' },
  };
}
