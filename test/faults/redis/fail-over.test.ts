import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Gateway } from '../../support/gateway.ts';
import { logIn, tryLoginFrom } from '../../support/login.ts';
import { logOut, readiness, RedisNodes, statusOf } from '../../support/redis-nodes.ts';
import { patientMs } from '../../support/patience.ts';
import { ask } from '../../support/raw-client.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { request } from '../../support/request.ts';
import { waitFor, waitForValue } from '../../support/wait-for.ts';

/** Sentinels and clusters take their time to know each other. */
const waitMs = 30_000;
const testMs = patientMs(120_000);

/** A replica that has everything that its primary has. */
async function replicaOf(primary: RedisServer): Promise<RedisServer> {
  const replica = await RedisServer.start({
    args: ['--replicaof', '127.0.0.1', String(primary.port)],
  });
  await waitFor(
    'the replica',
    async () => /master_link_status:up/.test(String(await replica.command('INFO', 'replication'))),
    waitMs,
  );
  return replica;
}

describe('with Sentinel', { timeout: testMs }, () => {
  it('another primary takes over: sessions live on, ended ones stay ended, without a restart', async () => {
    await using primary = await RedisServer.start();
    await using replica = await replicaOf(primary);
    await using sentinel = await RedisServer.reserve();
    const file = join(sentinel.folder, 'sentinel.conf');
    await writeFile(
      file,
      [
        `sentinel monitor mymaster 127.0.0.1 ${String(primary.port)} 1`,
        'sentinel down-after-milliseconds mymaster 700',
        'sentinel failover-timeout mymaster 3000',
      ].join('\n'),
    );
    sentinel.before = [file, '--sentinel'];
    await sentinel.launch();
    await waitFor(
      'the sentinel to know the replica',
      async () => /slaves=1/.test(String(await sentinel.command('INFO', 'sentinel'))),
      waitMs,
    );
    await using nodes = await RedisNodes.start(sentinel, { store: { mode: 'sentinel' } });
    const [a, b] = [nodes.node(0).edge, nodes.node(1).edge];
    const [kept, ended] = [await logIn(a), await logIn(a)];
    expect(await statusOf(b, kept)).toBe(200);
    expect((await logOut(a, ended)).status).toBe(200);
    await waitFor(
      'the replica to have it',
      async () => (await sizeOf(replica)) === (await sizeOf(primary)),
    );
    await primary.kill();
    for (const port of [a, b]) {
      await waitFor(
        'the new primary',
        async () => {
          expect(await statusOf(port, ended)).not.toBe(200);
          return (await statusOf(port, kept)) === 200;
        },
        waitMs,
      );
    }
    const fresh = await waitForValue('a login', () => logIn(b).catch(() => null), waitMs);
    expect((await logOut(a, fresh)).status).toBe(200);
    expect(await statusOf(b, fresh)).toBe(401);
    expect(await statusOf(a, ended)).toBe(401);
  });
});

describe('with a Cluster', { timeout: testMs }, () => {
  it('another node takes the slot over: sessions live on, ended ones stay ended', async () => {
    const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000'];
    await using first = await RedisServer.start({ args });
    await using second = await RedisServer.start({ args });
    await first.command('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383);
    await first.command('CLUSTER', 'MEET', '127.0.0.1', second.port, second.busPort);
    const id = String(await first.command('CLUSTER', 'MYID'));
    await waitFor(
      'the nodes to meet',
      async () => String(await second.command('CLUSTER', 'NODES')).includes(id),
      waitMs,
    );
    await waitFor(
      'the replica',
      async () => String(await second.command('CLUSTER', 'REPLICATE', id).catch(String)) === 'OK',
      waitMs,
    );
    await waitFor(
      'the cluster',
      async () =>
        String(await first.command('CLUSTER', 'INFO')).includes('cluster_state:ok') &&
        /master_link_status:up/.test(String(await second.command('INFO', 'replication'))),
      waitMs,
    );
    await using nodes = await RedisNodes.start(first, {
      store: { mode: 'cluster', servers: [first.address, second.address] },
      plan: {
        routes: [
          { ...{ path: '/few', auth: 'none', rateLimits: ['few'] }, respond: { status: 200 } },
        ],
        sections: {
          rateLimits: { few: { requests: 20, per: '1h' } },
          login: { throttle: { account: { failures: 4, regain: '1h' } } },
        },
      },
    });
    const [a, b] = [nodes.node(0), nodes.node(1)];
    const [kept, ended] = [await logIn(a.edge), await logIn(a.edge)];
    expect(await statusOf(b.edge, kept)).toBe(200);
    expect((await logOut(a.edge, ended)).status).toBe(200);
    expect(await statusOf(b.edge, ended)).toBe(401);
    const guess = async (node: Gateway): Promise<number> =>
      (await tryLoginFrom('127.0.0.9', node.edge, 'user2', 'wrong')).status;
    for (const node of [a, b]) expect(await guess(node)).toBe(401);
    let passed = 0;
    for (let round = 0; round < 40; round += 1) {
      for (const node of [a, b]) {
        if ((await ask(node.edge, request('GET', '/few'))).status === 200) passed += 1;
      }
    }
    expect(passed).toBeGreaterThanOrEqual(20);
    expect(passed).toBeLessThan(40);
    await waitFor(
      'the replica to have it',
      async () => (await sizeOf(second)) === (await sizeOf(first)),
    );
    const epochs = await b.metric('portcullis_coherence_epochs_total');
    await second.command('CLUSTER', 'FAILOVER', 'TAKEOVER');
    await waitFor(
      'the new epoch',
      async () =>
        (await b.metric('portcullis_coherence_epochs_total')) > epochs &&
        (await readiness(b)).status === 200 &&
        (await readiness(a)).status === 200,
      waitMs,
    );
    for (const node of [a, b]) {
      await waitFor('the session', async () => (await statusOf(node.edge, kept)) === 200, waitMs);
      expect(await statusOf(node.edge, ended)).toBe(401);
    }
    const fresh = await waitForValue('a login', () => logIn(b.edge).catch(() => null), waitMs);
    expect((await logOut(a.edge, fresh)).status).toBe(200);
    expect(await statusOf(b.edge, fresh)).toBe(401);
    // Counts have moved, too.
    const guesses = [await guess(a), await guess(b), await guess(a), await guess(b)];
    expect(guesses).toEqual([401, 401, 429, 429]);
    expect((await ask(a.edge, request('GET', '/few'))).status).toBe(429);
  });
});

async function sizeOf(server: RedisServer): Promise<number> {
  return Number(await server.command('DBSIZE'));
}
