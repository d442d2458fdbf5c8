import type { ControlAnswer, ControlOrder } from '../admin/control-order.ts';
import type { WorkerProcess } from '../lifecycle/worker-process.ts';
import { askOneWorker, askWorkers } from './ask-workers.ts';
import { notRemembered } from './explaining.ts';
import type { Primary } from './primary.ts';

/** What operators can ask of a primary. `drain` ends it as a signal does. */
export async function performAtPrimary(
  primary: Primary,
  drain: () => void,
  order: ControlOrder,
): Promise<ControlAnswer> {
  switch (order.deed) {
    case 'nodes':
      return { kind: 'done', value: nodesOf(primary) };
    case 'reload':
    case 'restart': {
      const result = await primary.replace(order.deed);
      if (result.kind === 'refused') return { kind: 'refused', sentence: result.text.trim() };
      const { changes, exposures, generation } = result;
      return { kind: 'done', value: { generation, changes, exposures } };
    }
    case 'drain':
      drain();
      return { kind: 'done', value: {} };
    case 'explain':
      return await askWorkers(primary.crew.serving, 'explain', order);
    case 'explainRecent':
      return await askWorkers(primary.crew.serving, 'explain', order, notRemembered(order));
    case 'list':
    case 'revoke':
    case 'page':
      // Each knows the store, and the others hear of what one ends.
      return await askWorkers(primary.crew.serving, 'sessions', order);
    case 'revokeEverybody':
      return await askOneWorker(primary.crew.serving, order);
    case 'bans':
    case 'clearBans':
      // Each knows how names are counted, and the counts are those of all.
      return await askWorkers(primary.crew.serving, 'bans', order);
  }
}

function nodesOf(primary: Primary): unknown {
  return {
    pid: process.pid,
    generation: primary.generation,
    isConfigTaken: primary.isConfigTaken,
    workers: primary.crew.processes.map(workerOf),
  };
}

function workerOf({ pid, place, plan, state }: WorkerProcess): unknown {
  return { worker: place, pid, state, generation: plan.generation };
}
