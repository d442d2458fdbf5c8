/**
 * The place of one login in the queue of the hashing pool. A login that asks several directories has several checks
 * made: the later ones go ahead of everybody who came after it, and all of them together keep its one deadline.
 */
export class HashTurn {
  /** Rises with every login; null before its first check was let in. */
  number: number | null = null;
  /** By the monotonic clock: what has not begun by then never does. */
  deadlineMs = Infinity;
  /** What its checks have taken, waiting not included. */
  spentMs = 0;
  /** Of the pool that let it in. */
  onEnd: ((spentMs: number) => void) | null = null;

  /** All checks of the login have been made. */
  end(): void {
    this.onEnd?.(this.spentMs);
    this.onEnd = null;
  }
}
