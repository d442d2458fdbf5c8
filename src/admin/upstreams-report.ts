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
  /** The worst that a worker says of it. */
  readonly state: ServerState;
  /** How many workers say what: each has its own view of a server. */
  readonly states: Readonly<Partial<Record<ServerState, number>>>;
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

/** The best first. */
const ranking: readonly ServerState[] = ['up', 'half-open', 'out', 'open', 'unhealthy'];

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
          states: { [state]: 1 },
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

/**
 * What several workers say, as one: what is counted is added up. Servers are in the order of whoever names them first;
 * while an address changes, not all know the same ones.
 */
export function upstreamsTogether(reports: readonly UpstreamsReport[]): UpstreamsReport {
  const groups = new Map<
    string,
    { name: string; balance: string; rows: Map<string, ServerReport> }
  >();
  for (const { balance, name, servers } of reports.flatMap(({ upstreams }) => upstreams)) {
    const group = groups.get(name) ?? { name, balance, rows: new Map<string, ServerReport>() };
    groups.set(name, group);
    for (const server of servers) {
      const key = `${server.server}\n${server.address}`;
      const known = group.rows.get(key);
      group.rows.set(key, known === undefined ? server : serversTogether(known, server));
    }
  }
  return {
    upstreams: [...groups.values()].map(({ balance, name, rows }) => {
      return { name, balance, servers: [...rows.values()] };
    }),
  };
}

function serversTogether(one: ServerReport, other: ServerReport): ServerReport {
  const isWorse = ranking.indexOf(other.state) > ranking.indexOf(one.state);
  return {
    ...one,
    state: isWorse ? other.state : one.state,
    states: sumOf(one.states, other.states),
    share: Math.min(one.share, other.share),
    inFlight: one.inFlight + other.inFlight,
    requests: one.requests + other.requests,
    connections: {
      open: one.connections.open + other.connections.open,
      idle: one.connections.idle + other.connections.idle,
      waiting: one.connections.waiting + other.connections.waiting,
    },
    failures: sumOf(one.failures, other.failures),
  };
}

function sumOf(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
): Record<string, number> {
  const sum: Record<string, number> = { ...one };
  for (const [name, count] of Object.entries(other)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}
