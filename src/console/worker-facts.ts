/** What a worker says of itself: to its own console, and to those of other nodes. Of one package at both ends. */
export interface WorkerFacts {
  readonly node: string;
  /** 1 for the first. */
  readonly worker: number;
  readonly pid: number;
  /** What the member table knows it by; empty where there is none. */
  readonly member: string;
  readonly state: string;
  readonly leaseMs: number | null;
  readonly members: number;
  /** Counted from the start of the process. */
  readonly requests: number;
  readonly errors: number;
  readonly settled: number;
  readonly settledMs: number;
  readonly cachedSessions: number;
  readonly streams: number;
  /** By the handles of sessions; of the first thousand sessions that have any. */
  readonly streamsOf: Readonly<Record<string, number>>;
}

export function isWorkerFacts(value: unknown): value is WorkerFacts {
  return typeof value === 'object' && value !== null && 'streamsOf' in value && 'pid' in value;
}
