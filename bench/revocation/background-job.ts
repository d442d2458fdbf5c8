import type { ReachedNode } from './worker-connections.ts';

/** Requests at a steady rate, with sessions that never end, until it is told to stop. Both cross a process border. */
export interface BackgroundJob {
  readonly nodes: readonly ReachedNode[];
  readonly requestsPerSecond: number;
  readonly cookies: readonly string[];
}

export interface BackgroundResult {
  readonly requests: number;
  /** Answers by status code. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly p50Ms: number;
  readonly p99Ms: number;
}
