import type { ControlAnswer, ControlOrder } from '../admin/control-order.ts';
import type { Lifecycle } from '../lifecycle/phase.ts';
import { notRemembered } from './explaining.ts';
import type { Worker } from './worker.ts';

/** What operators can ask of a process that does everything itself. */
export async function performAlone(
  {
    bans,
    deeds,
    explain,
    explainRecent,
  }: Pick<Worker, 'bans' | 'deeds' | 'explain' | 'explainRecent'>,
  lifecycle: Lifecycle,
  drain: () => void,
  order: ControlOrder,
): Promise<ControlAnswer> {
  switch (order.deed) {
    case 'nodes': {
      const { pid } = process;
      const worker = { worker: 1, pid, state: lifecycle.phase, generation: 1 };
      return {
        kind: 'done',
        value: { pid, generation: 1, isConfigTaken: true, workers: [worker] },
      };
    }
    case 'reload':
    case 'restart':
      return { kind: 'refused', sentence: nobodyTakesOver };
    case 'explain':
      return await explain(order);
    case 'explainRecent':
      return (await explainRecent(order)) ?? notRemembered(order);
    case 'drain':
      drain();
      return { kind: 'done', value: {} };
    case 'list':
    case 'revoke':
    case 'page':
    case 'revokeEverybody':
      return await deeds.perform(order);
    case 'bans':
    case 'clearBans':
      return await bans.perform(order);
  }
}

/** Why a process that is alone cannot be replaced. */
export const nobodyTakesOver =
  'this gateway is one process (workers: 1), so nobody can take over: start it again, ' +
  'or give it more workers and a session store that they share';
