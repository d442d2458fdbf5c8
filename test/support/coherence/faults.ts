import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './fault.ts';
import type { Direction } from './faulty-relay.ts';
import { machineMs } from './history.ts';
import { caughtUp, replicaOf } from './fleet-replica.ts';
import { Witnesses } from './witnesses.ts';

/** Redis does not run for so long. */
export function stopped(ms: number): Fault {
  return {
    title: `Redis stands still for ${String(ms)} ms`,
    run: async (fleet) => {
      await fleet.outage('stopped', async () => {
        fleet.primary.server.signal('SIGSTOP');
        await pause(ms);
        fleet.primary.server.signal('SIGCONT');
      });
      await fleet.settle();
    },
  };
}

/** Redis runs and answers nobody. */
export function paused(ms: number): Fault {
  return {
    title: `Redis pauses its clients for ${String(ms)} ms`,
    run: async (fleet) => {
      await fleet.outage('paused', async () => {
        await fleet.primary.server.command('CLIENT', 'PAUSE', ms, 'ALL');
        await pause(ms);
      });
      await fleet.settle();
    },
  };
}

/** Needs an append-only file. */
export const killed: Fault = {
  title: 'Redis is killed, and comes back with its append-only file',
  run: async (fleet) => {
    await fleet.outage('killed', async () => {
      await fleet.primary.server.kill();
      await fleet.primary.server.launch();
      await fleet.settle();
    });
  },
};

/** Needs an append-only file. */
export const restored: Fault = {
  title: 'Redis is killed, and comes back as it was a moment before',
  run: async (fleet) => {
    const { server } = fleet.primary;
    const folder = join(server.folder, 'appendonlydir');
    const copy = join(server.folder, 'copy');
    const witnesses = await Witnesses.open(fleet);
    const copiedAt = machineMs();
    await cp(folder, copy, { recursive: true });
    await witnesses.end();
    await fleet.loggedOut(5);
    await fleet.outage('restored', async () => {
      await server.kill();
      await rm(folder, { recursive: true });
      await cp(copy, folder, { recursive: true });
      await rm(copy, { recursive: true });
      await server.launch();
      fleet.rolledBack(copiedAt);
      await fleet.settle();
    });
    // Who comes now remembers nothing: it has to be in the store.
    await fleet.outage('replaced', () => fleet.node(1).replace());
    await witnesses.visit(1);
  },
};

/** `isLate`: the replica has not heard of the last revocations, and one of those that have is gone meanwhile. */
export function failedOver(isLate: boolean): Fault {
  return {
    title: `a replica takes over${isLate ? ' without the latest entries' : ''}`,
    run: async (fleet) => {
      const before = fleet.primary.server;
      const { link, replica } = await replicaOf(fleet);
      const witnesses = await Witnesses.open(fleet);
      const keptUntil = await caughtUp(before, replica);
      if (isLate) link.hold();
      await witnesses.end();
      await fleet.loggedOut(5);
      await fleet.outage('fail-over', async () => {
        await before.kill();
        await replica.command('REPLICAOF', 'NO', 'ONE');
        fleet.primary.server = replica;
        for (const { relay } of fleet.nodes) relay.cut();
        fleet.rolledBack(keptUntil);
        // Who starts in between remembers nothing, and finds a store that does not either.
        if (isLate) await fleet.node(0).replace();
        await fleet.settle();
      });
      if (!isLate) await fleet.outage('replaced', () => fleet.node(0).replace());
      await witnesses.visit(0);
    },
  };
}

export const full: Fault = {
  title: 'Redis is full',
  run: async (fleet) => {
    const { server } = fleet.primary;
    await fleet.outage('full', async () => {
      await server.command('CONFIG', 'SET', 'maxmemory', '1mb');
      // Logins fail, and logouts of those who are there do not.
      await pause(fleet.boundMs);
      await server.command('CONFIG', 'SET', 'maxmemory', '0');
    });
  },
};

export const unsubscribed: Fault = {
  title: 'Redis ends all subscriptions, again and again',
  run: async (fleet) => {
    for (let round = 0; round < 5; round += 1) {
      await fleet.primary.server.command('CLIENT', 'KILL', 'TYPE', 'PUBSUB');
      await fleet.loggedOut(3);
    }
  },
};

/** A poll is all that is left. */
export function unheard(ms: number): Fault {
  return {
    title: `a node hears no message for ${String(ms)} ms`,
    run: async (fleet) => {
      const node = fleet.node(1);
      const witnesses = await Witnesses.open(fleet);
      node.relay.hold(['down'], await fleet.subscriptions(node));
      await witnesses.end();
      await witnesses.visit(1);
      await pause(ms);
      await witnesses.visit(1);
      node.relay.heal();
    },
  };
}

/** Messages and acknowledgements come late, everything else in time. */
export function lateMessages(ms: number): Fault {
  return {
    title: `a node hears messages ${String(ms)} ms late`,
    run: async (fleet) => {
      const node = fleet.node(1);
      for (let round = 0; round < 5; round += 1) {
        const witnesses = await Witnesses.open(fleet);
        node.relay.delay(ms, 0, ['down'], await fleet.subscriptions(node));
        await witnesses.end();
        await witnesses.visit(1);
        node.relay.heal();
      }
    },
  };
}

/** Reads come late, messages in time: fills race revocations. */
export function lateReads(ms: number): Fault {
  return {
    title: `a node hears what it reads when that has ended, ${String(ms)} ms late at least`,
    run: async (fleet) => {
      const node = fleet.node(1);
      const hears = await fleet.subscriptions(node);
      await fleet.outage('late reads', async () => {
        for (let round = 0; round < 6; round += 1) {
          const strangers = await Witnesses.open(fleet, { isKnown: false });
          node.relay.hold(['down'], (connection) => !hears(connection));
          // Read before they end, and answered after: at once then, or the node gives up.
          const reading = strangers.visit(1);
          await pause(ms);
          await strangers.end();
          node.relay.heal();
          await reading;
          await strangers.visit(1);
        }
      });
      await fleet.settle();
    },
  };
}

async function endAndVisit(witnesses: Witnesses): Promise<void> {
  await witnesses.end();
  await witnesses.visit(1);
}

export function isolated(ms: number, directions: readonly Direction[] = ['up', 'down']): Fault {
  const which =
    directions.length === 2 ? 'nothing gets through' : `nothing goes ${directions.join()}`;
  return {
    title: `${which} between a node and Redis for ${String(ms)} ms`,
    run: async (fleet) => {
      const { relay } = fleet.node(1);
      await fleet.outage('isolated', async () => {
        const witnesses = await Witnesses.open(fleet);
        relay.hold(directions);
        await Promise.all([pause(ms), endAndVisit(witnesses)]);
        relay.heal();
        await witnesses.visit(1);
      });
      await fleet.settle();
    },
  };
}

/** Each connection of a node by itself, each way. */
export const oneByOne: Fault = {
  title: 'one connection after the other goes dead, one way and the other',
  run: async (fleet) => {
    const { relay } = fleet.node(1);
    await fleet.outage('one by one', async () => {
      for (const direction of ['up', 'down'] as const) {
        for (let index = 0; index < 3; index += 1) {
          const { connections } = relay;
          const chosen = connections[index % Math.max(1, connections.length)];
          relay.hold([direction], (connection) => connection === chosen);
          await pause(1.5 * fleet.boundMs);
          relay.heal();
        }
      }
    });
    await fleet.settle();
  },
};

export function slowNetwork(delayMs: number, jitterMs: number): Fault {
  return {
    title: `the network is slow by ${String(delayMs)} to ${String(delayMs + jitterMs)} ms`,
    run: async (fleet) => {
      await fleet.outage('slow network', async () => {
        for (const { relay } of fleet.nodes) relay.delay(delayMs, jitterMs);
        await fleet.loggedOut(20);
        for (const { relay } of fleet.nodes) relay.heal();
      });
      await fleet.settle();
    },
  };
}

export const cut: Fault = {
  title: 'all connections of a node are cut, and refused for a while',
  run: async (fleet) => {
    const { relay } = fleet.node(1);
    await fleet.outage('cut', async () => {
      relay.refuse();
      relay.cut();
      await pause(fleet.boundMs / 2);
      relay.heal();
    });
    await fleet.settle();
  },
};

/** A process that wakes up believes nothing that it knew. */
export function asleep(ms: number): Fault {
  return {
    title: `a node stands still for ${String(ms)} ms`,
    run: async (fleet) => {
      const { process } = fleet.node(1).gateway;
      await fleet.outage('asleep', async () => {
        const witnesses = await Witnesses.open(fleet);
        process.signal('SIGSTOP');
        const ending = witnesses.end();
        await pause(ms);
        process.signal('SIGCONT');
        // The first thing that it is asked.
        await witnesses.visit(1);
        await ending;
        await witnesses.visit(1);
      });
      await fleet.settle();
    },
  };
}

export const trimmed: Fault = {
  title: 'the log is trimmed past a node that stands still',
  run: async (fleet) => {
    const { process } = fleet.node(1).gateway;
    await fleet.outage('trimmed', async () => {
      const witnesses = await Witnesses.open(fleet);
      process.signal('SIGSTOP');
      await witnesses.end();
      const logs = await fleet.primary.server.command('KEYS', '*log');
      if (!Array.isArray(logs) || logs.length !== 1) throw new Error('where is the log?');
      await fleet.primary.server.command('XTRIM', String(logs[0]), 'MAXLEN', 1);
      process.signal('SIGCONT');
      await witnesses.visit(1);
    });
    await fleet.settle();
  },
};

export const died: Fault = {
  title: 'a node is killed among logouts, and another one takes its place',
  run: async (fleet) => {
    await fleet.outage('died', () => fleet.node(1).replace());
    await fleet.loggedOut(10);
  },
};
