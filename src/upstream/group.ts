import type { UpstreamConfig } from '../config/upstream.ts';
import type { BalancingPolicy } from './balancing-policy.ts';
import { RetryBudget } from './retry-budget.ts';
import { Standing, type UpstreamServer } from './server.ts';
import type { StickyServers } from './sticky-servers.ts';

/** More servers than bits share one: a request that was at one of them is taken to have been at the other. */
export const BITS = 31;

/** The servers of one upstream, and whose turn it is. */
export class UpstreamGroup<Pool> {
  readonly config: UpstreamConfig;
  readonly retries = new RetryBudget();
  /** Requests that nobody could be asked. */
  unserved = 0;
  retried = 0;
  /** Null: no browser is kept at a server. */
  readonly sticky: StickyServers<Pool> | null;
  readonly #policy: BalancingPolicy;
  #servers: readonly UpstreamServer<Pool>[] = [];
  #primaries: readonly UpstreamServer<Pool>[] = [];
  #backups: readonly UpstreamServer<Pool>[] = [];
  /** Filled anew for each request: nothing is allocated. */
  readonly #candidates: UpstreamServer<Pool>[] = [];

  constructor(
    config: UpstreamConfig,
    policy: BalancingPolicy,
    sticky: StickyServers<Pool> | null = null,
  ) {
    this.config = config;
    this.#policy = policy;
    this.sticky = sticky;
  }

  get upstream(): string {
    return this.config.name;
  }

  get servers(): readonly UpstreamServer<Pool>[] {
    return this.#servers;
  }

  /** Who belongs to the group from now on. */
  compose(servers: readonly UpstreamServer<Pool>[]): void {
    this.#servers = servers;
    this.#primaries = servers.filter((server) => !server.config.isBackup);
    this.#backups = servers.filter((server) => server.config.isBackup);
    this.sticky?.compose(servers);
  }

  /**
   * The server whose turn it is; `tried` has the bits of those that this request has been to, `key` is for policies that
   * keep requests together. Servers that are out by their failures come last but do come: that alone never empties a
   * group. Null when nobody is left who may be asked.
   */
  pick(nowMs: number, tried: number, key: number): UpstreamServer<Pool> | null {
    return (
      this.#among(this.#primaries, Standing.inService, nowMs, tried, key) ??
      this.#among(this.#backups, Standing.inService, nowMs, tried, key) ??
      this.#among(this.#primaries, Standing.lastResort, nowMs, tried, key) ??
      this.#among(this.#backups, Standing.lastResort, nowMs, tried, key)
    );
  }

  /** The server that a browser was kept at, if it is in service and the request has not been to it. */
  kept(nowMs: number, tried: number, token: string): UpstreamServer<Pool> | null {
    const server = this.sticky?.serverOf(token) ?? null;
    if (server === null || (tried & server.bit) !== 0) return null;
    return server.standing(nowMs) === Standing.inService ? server : null;
  }

  #among(
    servers: readonly UpstreamServer<Pool>[],
    standing: Standing,
    nowMs: number,
    tried: number,
    key: number,
  ): UpstreamServer<Pool> | null {
    const candidates = this.#candidates;
    let count = 0;
    for (let index = 0; index < servers.length; index++) {
      const server = servers[index];
      if (server === undefined || (tried & server.bit) !== 0) continue;
      if (server.standing(nowMs) === standing) candidates[count++] = server;
    }
    if (count === 0) return null;
    const index = count === 1 ? 0 : this.#policy.choose(candidates, count, key);
    return candidates[index] ?? null;
  }
}
