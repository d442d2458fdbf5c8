import type { NodeState } from '../pages/console-state.ts';
import type { WorkerFacts } from './worker-facts.ts';

/** By node, then by worker. */
export function nodesState(workers: readonly WorkerFacts[]): readonly NodeState[] {
  return workers
    .map(({ cachedSessions, leaseMs, members, node, pid, requests, state, streams, worker }) => {
      return { node, worker, pid, state, leaseMs, members, requests, streams, cachedSessions };
    })
    .toSorted((a, b) => (a.node === b.node ? a.worker - b.worker : a.node < b.node ? -1 : 1));
}
