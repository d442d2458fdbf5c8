import type { ControlAnswer, ControlOrder } from '../admin/control-order.ts';
import type { WorkerProcess } from '../lifecycle/worker-process.ts';
import type { Primary } from './primary.ts';

const WORKER_MS = 30_000;

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
      return { kind: 'done', value: { generation: result.generation } };
    }
    case 'drain':
      drain();
      return { kind: 'done', value: {} };
    case 'list':
    case 'revoke':
    case 'page':
    case 'revokeEverybody':
      // Each knows the store, and the others hear of what one ends.
      return await askWorker(primary, 'sessions', order);
    case 'bans':
    case 'clearBans':
      // Each knows how names are counted, and the counts are those of all.
      return await askWorker(primary, 'bans', order);
  }
}

async function askWorker(
  primary: Primary,
  topic: string,
  order: ControlOrder,
): Promise<ControlAnswer> {
  // One that ends meanwhile answers nothing.
  for (const { link } of primary.crew.serving) {
    const answer = await link.ask(topic, order, WORKER_MS);
    if (isAnswer(answer)) return answer;
  }
  return { kind: 'unavailable', sentence: 'no worker answers at the moment' };
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

function isAnswer(value: unknown): value is ControlAnswer {
  return typeof value === 'object' && value !== null && 'kind' in value;
}
