import { serverName } from '../config/server.ts';
import type { UpstreamGroup } from '../upstream/group.ts';
import type { ServerState } from '../upstream/server.ts';

/** What `/upstreams` says. Public interface. */
export interface UpstreamsReport {
  readonly upstreams: readonly {
    readonly name: string;
    readonly balance: string;
    readonly servers: readonly ServerReport[];
  }[];
}

interface ServerReport {
  /** As the configuration has it. */
  readonly server: string;
  /** Where that is now. */
  readonly address: string;
  readonly state: ServerState;
  readonly weight: number;
  /** What of its weight it gets while it starts slowly. */
  readonly share: number;
  readonly backup: boolean;
  readonly inFlight: number;
  readonly requests: number;
  readonly connections: { readonly open: number; readonly idle: number; readonly waiting: number };
  /** Kinds of failures that have happened. */
  readonly failures: Readonly<Record<string, number>>;
}

/** What of a pool is shown here. */
interface ShownPool {
  readonly counters: {
    readonly open: number;
    readonly idle: number;
    readonly waiting: number;
    readonly failures: Readonly<Record<string, number>>;
  };
}

export function upstreamsReport(groups: readonly UpstreamGroup<ShownPool>[]): UpstreamsReport {
  return {
    upstreams: groups.map(({ config, servers }) => ({
      name: config.name,
      balance: config.balance,
      servers: servers.map(
        ({ address, config: own, inFlight, pool, share, state, tally }): ServerReport => ({
          server: serverName(own),
          address: address.name,
          state,
          weight: own.weight,
          share,
          backup: own.isBackup,
          inFlight,
          requests: tally.requests,
          connections: {
            open: pool.counters.open,
            idle: pool.counters.idle,
            waiting: pool.counters.waiting,
          },
          failures: Object.fromEntries(
            Object.entries(pool.counters.failures).filter(([, count]) => count > 0),
          ),
        }),
      ),
    })),
  };
}
