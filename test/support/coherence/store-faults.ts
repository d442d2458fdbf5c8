import { setTimeout as pause } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';
import { RedisServer } from '../redis-server.ts';
import { waitFor } from '../wait-for.ts';
import type { Fault } from './fault.ts';
import { caughtUp, replicaOf } from './fleet-replica.ts';
import type { Fleet } from './fleet.ts';
import { Witnesses } from './witnesses.ts';

const slowRunMs = 20;

/** What a disk that holds its fsync up looks like from outside: the process does not run, again and again. */
export function slowDisk(ms: number, times: number): Fault {
  return {
    title: `Redis waits ${String(ms)} ms for its disk, ${String(times)} times`,
    run: async (fleet) => {
      const { server } = fleet.primary;
      await fleet.outage('slow disk', async () => {
        for (let time = 0; time < times; time += 1) {
          server.signal('SIGSTOP');
          await pause(ms);
          server.signal('SIGCONT');
          await pause(slowRunMs);
        }
      });
      await fleet.settle();
    },
  };
}

/** What is in the way is thrown away, with the connection: only polls bring it. */
export const overflowed: Fault = {
  title: 'subscribers are too slow for Redis, which ends their connections, again and again',
  run: async (fleet) => {
    const { server } = fleet.primary;
    await server.command('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 65536 0 0');
    const flood = 'x'.repeat(1_000_000);
    const ended = async (): Promise<number> =>
      Number(
        /client_output_buffer_limit_disconnections:(\d+)/.exec(
          String(await server.command('INFO', 'stats')),
        )?.[1] ?? 0,
      );
    for (let round = 0; round < 4; round += 1) {
      const witnesses = await Witnesses.open(fleet);
      await subscribed(fleet, server);
      await server.command('SPUBLISH', '{gw}:bus', flood);
      await witnesses.end();
      await witnesses.visit(1);
    }
    // Where Redis does not count them, it says them.
    if ((await ended()) === 0 && !server.said.includes('overcoming of output buffer limits')) {
      throw new Error('no buffer overflowed');
    }
  },
};

/**
 * The replica is cut off and takes over once the old primary must have noticed, as Sentinel waits with
 * `down-after-milliseconds`; one node stays with the old one, and at the end keeps its subscription there.
 */
export const leftBehind: Fault = {
  title: 'a fail-over leaves a node with the old primary, which has lost its replica',
  run: async (fleet) => {
    const before = fleet.primary.server;
    const { link, replica } = await replicaOf(fleet);
    await before.command('CONFIG', 'SET', 'min-replicas-max-lag', 2);
    await before.command('CONFIG', 'SET', 'min-replicas-to-write', 1);
    const left = fleet.node(1);
    const hears = await fleet.subscriptions(left);
    const witnesses = await Witnesses.open(fleet);
    await fleet.outage('left behind', async () => {
      const keptUntil = await caughtUp(before, replica);
      link.hold();
      // It still takes writes, and answers polls, until it notices.
      await fleet.loggedOut(5);
      await waitFor('the old primary to stop', async () =>
        /NOREPLICAS/.test(String(await before.command('SET', 'probe', 1).catch(String))),
      );
      fleet.rolledBack(keptUntil);
      fleet.lead(1, before);
      await replica.command('REPLICAOF', 'NO', 'ONE');
      fleet.primary.server = replica;
      fleet.node(0).relay.cut();
      await ready(fleet.node(0).gateway.admin, 200);
      await witnesses.end();
      await witnesses.visit(1);
      await pause(fleet.boundMs);
      // Neither polls nor reads are answered there.
      await ready(left.gateway.admin, 503);
      await witnesses.visit(1);
      fleet.lead(1, null);
      left.relay.cut((connection) => !hears(connection));
      await fleet.settle();
      await subscribed(fleet, replica);
    });
    await witnesses.visit(1);
    await before.kill();
  },
};

/** A cluster's slot goes from one node to the other, key by key: nobody can be asked meanwhile. */
export const slotMoved: Fault = {
  title: 'the slot of the sessions moves to another node of the cluster',
  run: async (fleet) => {
    const from = fleet.primary.server;
    const to = await RedisServer.start({ args: from.args });
    fleet.own(to);
    const idOf = async (server: RedisServer): Promise<string> =>
      String(await server.command('CLUSTER', 'MYID'));
    const [fromId, toId] = [await idOf(from), await idOf(to)];
    await to.command('CLUSTER', 'MEET', '127.0.0.1', from.port, from.busPort);
    const knows = async (one: RedisServer, other: string): Promise<boolean> =>
      String(await one.command('CLUSTER', 'NODES')).includes(other);
    await waitFor(
      'the nodes to meet',
      async () =>
        (await knows(from, toId)) &&
        (await knows(to, fromId)) &&
        String(await to.command('CLUSTER', 'INFO')).includes('cluster_state:ok'),
      20_000,
    );
    const slot = Number(await from.command('CLUSTER', 'KEYSLOT', '{gw}:head'));
    const witnesses = await Witnesses.open(fleet);
    await fleet.outage('slot moved', async () => {
      await to.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId);
      await from.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId);
      const ending = witnesses.end();
      for (;;) {
        const keys = await from.command('CLUSTER', 'GETKEYSINSLOT', slot, 50);
        if (!Array.isArray(keys) || keys.length === 0) break;
        const names = keys.map(String);
        await from.command('MIGRATE', '127.0.0.1', to.port, '', 0, 5_000, 'KEYS', ...names);
        await pause(slowRunMs);
      }
      for (const server of [to, from]) {
        await server.command('CLUSTER', 'SETSLOT', slot, 'NODE', toId);
      }
      fleet.primary.server = to;
      await ending;
      await fleet.settle();
    });
    await subscribed(fleet, to);
    await witnesses.end();
    for (const index of fleet.nodes.keys()) await witnesses.visit(index);
  },
};

/** Another process holds the file's lock: what is to be written waits, and is refused in the end. */
export function fileLocked(ms: number): Fault {
  return {
    title: `the session file is locked by somebody else for ${String(ms)} ms`,
    run: async (fleet) => {
      await fleet.outage('locked', async () => {
        const witnesses = await Witnesses.open(fleet);
        // It waits for its turn, as everybody does.
        const other = new DatabaseSync(fleet.filePath, { timeout: 10_000 });
        other.exec('BEGIN IMMEDIATE');
        const ending = witnesses.end();
        await pause(ms);
        other.exec('ROLLBACK');
        other.close();
        await ending;
        await witnesses.visit(0);
      });
      await fleet.loggedOut(5);
    },
  };
}

/** Every node listens to messages of this server. */
async function subscribed(fleet: Fleet, server: RedisServer): Promise<void> {
  await waitFor(
    'subscriptions',
    async () => {
      const [, count] = [await server.command('PUBSUB', 'SHARDNUMSUB', '{gw}:bus')].flat();
      return Number(count) === fleet.nodes.length;
    },
    20_000,
  );
}

async function ready(adminPort: number, status: number): Promise<void> {
  await waitFor(
    `a node to say ${String(status)}`,
    async () => {
      const answer = await fetch(`http://127.0.0.1:${String(adminPort)}/readyz`);
      return answer.status === status;
    },
    20_000,
  );
}
