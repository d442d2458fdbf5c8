import type { UpstreamConfig } from '../config/upstream.ts';
import { RetryBudget } from './retry-budget.ts';
import { UpstreamServer } from './server.ts';

/** The servers of one upstream, taken in turn. */
export class UpstreamGroup {
  readonly config: UpstreamConfig;
  readonly servers: readonly UpstreamServer[];
  readonly retries = new RetryBudget();
  #next = 0;

  constructor(config: UpstreamConfig) {
    this.config = config;
    // A group of one is never empty: taking its only server out helps nobody (NGINX ignores the settings as well).
    const maxFails = config.servers.length > 1 ? config.maxFails : 0;
    this.servers = config.servers.map(
      ({ host, port }) => new UpstreamServer(host, port, maxFails, config.failTimeoutMs),
    );
  }

  /**
   * The index of the server whose turn it is; `tried` has a bit for each one that this request has been to. Servers out
   * of service come last but do come: passive failures never empty a group. -1 when all have been tried.
   */
  pick(nowMs: number, tried: number): number {
    const count = this.servers.length;
    if (count === 1) return tried === 0 ? 0 : -1;
    let spare = -1;
    for (let step = 0; step < count; step++) {
      const index = (this.#next + step) % count;
      if ((tried & (1 << (index % 31))) !== 0) continue;
      if (this.servers[index]?.isInService(nowMs) === true) {
        this.#next = (index + 1) % count;
        return index;
      }
      if (spare < 0) spare = index;
    }
    if (spare >= 0) this.#next = (spare + 1) % count;
    return spare;
  }
}
