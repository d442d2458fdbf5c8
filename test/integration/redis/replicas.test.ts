import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logIn, tryLogin, type Login } from '../../support/login.ts';
import { logOut, logOutUser, RedisNodes, statusOf } from '../../support/redis-nodes.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { waitFor } from '../../support/wait-for.ts';

describe('with `waitReplicas: 1`', () => {
  let primary: RedisServer;
  let replica: RedisServer;
  let nodes: RedisNodes;

  beforeAll(async () => {
    primary = await RedisServer.start({ args: ['--repl-diskless-sync-delay', '0'] });
    replica = await RedisServer.start({
      args: ['--replicaof', '127.0.0.1', String(primary.port)],
    });
    await waitFor(
      'the replica',
      async () =>
        /master_link_status:up/.test(String(await replica.command('INFO', 'replication'))),
      20_000,
    );
    nodes = await RedisNodes.start(primary, {
      store: { waitReplicas: 1 },
      coherence: { staleness: '1s', pollInterval: '200ms', settle: '200ms' },
    });
  });

  afterAll(async () => {
    replica.signal('SIGCONT');
    await nodes[Symbol.asyncDispose]();
    await replica[Symbol.asyncDispose]();
    await primary[Symbol.asyncDispose]();
  });

  async function throwOut(): Promise<unknown> {
    const { edge } = nodes.node(0);
    const staff = await logIn(edge, 'admin', 'password');
    await logIn(edge, 'user2', 'pass2');
    const answer = await logOutUser(edge, staff, 'user2');
    return JSON.parse(answer.text());
  }

  it('a logout says that a replica has it, and the replica has it', async () => {
    const { edge } = nodes.node(0);
    const login = await logIn(edge);
    expect((await logOut(edge, login)).status).toBe(200);
    const log = String(await primary.command('XLEN', '{gw}:log'));
    expect(String(await replica.command('XLEN', '{gw}:log'))).toBe(log);
    expect(await throwOut()).toMatchObject({ revoked: 1, replicated: true });
  });

  it('a replica that stands still holds nobody up, and is owned up to', async () => {
    const { edge } = nodes.node(0);
    const logins: Login[] = [];
    while (logins.length < 12) logins.push(await logIn(edge));
    replica.signal('SIGSTOP');
    try {
      const leaving = logins.map((login) => logOut(edge, login));
      const coming = Array.from({ length: 4 }, () => tryLogin(edge, 'user1', 'pass1'));
      const statuses = (await Promise.all([...leaving, ...coming])).map(({ status }) => status);
      expect(statuses.filter((status) => status !== 200)).toEqual([]);
      for (const login of logins) expect(await statusOf(nodes.node(1).edge, login)).toBe(401);
      expect(await throwOut()).toMatchObject({ revoked: 1, replicated: false });
    } finally {
      replica.signal('SIGCONT');
    }
  });
});
