import { readFile, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Gateway } from '../../support/gateway.ts';
import type { GatewayYaml } from '../../support/gateway-yaml.ts';
import { logIn, type Login } from '../../support/login.ts';
import { patientMs } from '../../support/patience.ts';
import { readiness, RedisNodes, statusOf } from '../../support/redis-nodes.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { run } from '../../support/worker-processes.ts';

const keyNamed = (id: string) => ({ id, secret: `the ${id} secret of the nodes of this test` });
const [old, young] = [keyNamed('old'), keyNamed('young')];

/** From now on a node has these keys, and issues with the first; its workers are replaced one after the other. */
async function give(node: Gateway, keys: readonly unknown[]): Promise<void> {
  const yaml = parse(await readFile(node.configPath, 'utf8')) as GatewayYaml; // we wrote it
  await writeFile(node.configPath, stringify({ ...yaml, tokens: { keys } }));
  expect(await run('reload', '--config', node.configPath)).toMatchObject({ code: 0 });
}

it(
  'a token key that is replaced logs nobody out, and one that is withdrawn those whom it let in',
  { timeout: patientMs(120_000) },
  async () => {
    await using redis = await RedisServer.start();
    await using nodes = await RedisNodes.start(redis, {
      plan: {
        sections: {
          workers: 2,
          tokens: { keys: [old] },
          sessions: { store: { type: 'redis', servers: [redis.address] } },
        },
      },
    });
    const everywhere = async (login: Login): Promise<number[]> => {
      const statuses: number[] = [];
      // New connections each: they go to the workers in turn.
      for (const { edge } of [...nodes.gateways, ...nodes.gateways, ...nodes.gateways]) {
        statuses.push(await statusOf(edge, login));
      }
      return [...new Set(statuses)];
    };
    const before = await logIn(nodes.node(0).edge);
    expect(await everywhere(before)).toEqual([200]);
    // Accepted everywhere before anybody issues with it.
    for (const keys of [
      [old, young],
      [young, old],
    ]) {
      for (const node of nodes.gateways) await give(node, keys);
      expect(await everywhere(before)).toEqual([200]);
    }
    const after = await logIn(nodes.node(1).edge);
    expect(await everywhere(after)).toEqual([200]);
    for (const node of nodes.gateways) await give(node, [young]);
    for (const node of nodes.gateways) {
      await waitFor('readiness', async () => (await readiness(node)).status === 200);
    }
    expect(await everywhere(before)).toEqual([401]);
    expect(await everywhere(after)).toEqual([200]);
    for (const node of nodes.gateways) {
      expect(await node.metric('portcullis_coherence_forged_total')).toBe(0);
    }
  },
);
