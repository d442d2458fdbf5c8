import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './fault.ts';
import { Witnesses } from './witnesses.ts';

/** A process that computes believes nothing afterwards that it knew, and its queue of messages waits for it. */
export function blocked(ms: number): Fault {
  return {
    title: `the event loop of a node is blocked for ${String(ms)} ms`,
    run: async (fleet) => {
      const node = fleet.node(1);
      await fleet.outage('blocked', async () => {
        const witnesses = await Witnesses.open(fleet);
        const blocking = node.order({ what: 'block', ms });
        // The first thing that it is asked was sent while it could not listen.
        const ending = witnesses.end();
        await witnesses.visit(1);
        await Promise.all([blocking, ending]);
        await witnesses.visit(1);
      });
      await fleet.settle();
    },
  };
}

/** No outage: nobody may be refused, and nobody be told 503, whatever the clock shows. */
export function clockSet(aheadMs: number): Fault {
  const how = `${String(Math.abs(aheadMs) / 1000)} s ${aheadMs > 0 ? 'forward' : 'back'}`;
  return {
    title: `the wall clock of a node is set ${how}, and then right again`,
    run: async (fleet) => {
      const node = fleet.node(1);
      for (const ms of [aheadMs, 0]) {
        const [kept, ended] = [await Witnesses.open(fleet), await Witnesses.open(fleet)];
        await node.order({ what: 'clock', aheadMs: ms });
        await kept.visit(1);
        await ended.end();
        await ended.visit(1);
        await kept.visit(1);
        await fleet.loggedOut(5);
        await kept.visit(1);
      }
    },
  };
}

/** One of the processes that serve a port stands still. */
export function workerAsleep(ms: number): Fault {
  return {
    title: `a worker stands still for ${String(ms)} ms`,
    run: async (fleet) => {
      const [pid = 0] = fleet.node(0).serving;
      await fleet.outage('worker asleep', async () => {
        const witnesses = await Witnesses.open(fleet);
        process.kill(pid, 'SIGSTOP');
        const ending = witnesses.end();
        await pause(ms);
        process.kill(pid, 'SIGCONT');
        await ending;
        await witnesses.visit(0);
      });
      await fleet.loggedOut(5);
    },
  };
}

export function workerBlocked(ms: number): Fault {
  return {
    title: `the event loop of a worker is blocked for ${String(ms)} ms`,
    run: async (fleet) => {
      await fleet.outage('worker blocked', async () => {
        const witnesses = await Witnesses.open(fleet);
        const blocking = fleet.node(0).order({ what: 'block', ms });
        await Promise.all([blocking, witnesses.end()]);
        await witnesses.visit(0);
      });
      await fleet.loggedOut(5);
    },
  };
}

export const workerDied: Fault = {
  title: 'a worker is killed among logouts, and its primary starts another one',
  run: async (fleet) => {
    const node = fleet.node(0);
    const [pid = 0] = node.serving;
    await fleet.outage('worker died', async () => {
      const witnesses = await Witnesses.open(fleet);
      process.kill(pid, 'SIGKILL');
      await witnesses.end();
      await witnesses.visit(0);
    });
    await fleet.settle();
    await fleet.loggedOut(5);
  },
};

/** Between its commit and the others' hearing of it, among other moments. */
export const primaryDied: Fault = {
  title: 'the primary is killed among logouts; its workers go, and it is started again',
  run: async (fleet) => {
    await fleet.outage('primary died', async () => {
      const witnesses = await Witnesses.open(fleet);
      const ending = witnesses.end();
      await fleet.node(0).replace();
      await ending;
      await witnesses.visit(0);
      await fleet.settle();
    });
    await fleet.loggedOut(10);
  },
};
