const LONGEST_MS = 5_000;

/**
 * How long an idle connection of a worker that goes may still send a request. Who sends more often than that never meets a
 * closed door; and half of the drain is left for what takes longer.
 */
export function idleDrainMsOf(drainTimeoutMs: number): number {
  return Math.min(LONGEST_MS, Math.floor(drainTimeoutMs / 2));
}
