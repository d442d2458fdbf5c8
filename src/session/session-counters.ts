import { StoreLatency } from './store-latency.ts';

/** What the sessions of this worker have been through since it started. Only ever counted up. */
export interface SessionCounters {
  /** Requests whose session was in the cache. */
  hits: number;
  /** Genuine tokens whose session was not, or looked expired there. */
  misses: number;
  fills: number;
  /** Requests let in although nobody could say whether their session had ended. */
  stale: number;
  /** Sessions dropped from the cache for space. */
  evictions: number;
  /** Tokens that were none of ours. */
  forged: number;
  /** Session keys refused from then on, whoever ended them. */
  revoked: number;
  opened: number;
  /** Sessions dropped from the cache because their time was over. */
  expired: number;
  storeCalls: number;
  /** Store calls that came to nothing, `full` among them. */
  storeFailures: number;
  readonly storeLatency: StoreLatency;
}

export function createSessionCounters(): SessionCounters {
  return Object.seal({
    hits: 0,
    misses: 0,
    fills: 0,
    stale: 0,
    evictions: 0,
    forged: 0,
    revoked: 0,
    opened: 0,
    expired: 0,
    storeCalls: 0,
    storeFailures: 0,
    storeLatency: new StoreLatency(),
  });
}
