import type { UpstreamPool } from './upstream-pool.ts';

/** The upstream connections of a process, all pools together: what its descriptors allow. */
export class UpstreamBudget {
  readonly #connectionsMax: number;
  readonly #pools = new Set<UpstreamPool>();

  constructor(connectionsMax: number) {
    this.#connectionsMax = connectionsMax;
  }

  join(pool: UpstreamPool): void {
    this.#pools.add(pool);
  }

  leave(pool: UpstreamPool): void {
    this.#pools.delete(pool);
  }

  /** Before a connection is opened: at the limit an idle one gives way, of the pool that has most of them. */
  makeRoom(): void {
    let open = 0;
    let richest: UpstreamPool | undefined;
    for (const pool of this.#pools) {
      open += pool.counters.open;
      if (richest === undefined || pool.counters.idle > richest.counters.idle) richest = pool;
    }
    if (open >= this.#connectionsMax) richest?.dropOldest();
  }
}
