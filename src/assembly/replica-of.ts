import type { Copies, Replica } from '../session/replica.ts';

/** The sessions of a worker, with everything else that follows the same log. */
export function replicaOf(sessions: Replica, others: Copies): Replica {
  return {
    apply: (entry) => {
      sessions.apply(entry);
      others.apply(entry);
    },
    jump: () => {
      sessions.jump();
      others.jump();
    },
    revokedLately: () => sessions.revokedLately(),
  };
}
