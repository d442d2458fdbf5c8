import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logIn } from '../../support/login.ts';
import { RedisNodes, logOut, logOutUser, statusOf } from '../../support/redis-nodes.ts';
import { RedisServer } from '../../support/redis-server.ts';

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
