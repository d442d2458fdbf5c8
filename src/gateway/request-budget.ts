/**
 * Who knows how many requests somebody may still send. The answer is always here: an implementation that shares its
 * budgets with other processes leases permits from them by the batch, ahead of need, and asks nobody for a request.
 */
export interface RequestBudget {
  /** Takes one permit from the budget of `key`. 0, or how many milliseconds later there will be one. */
  take(key: string, nowMs: number): number;
}
