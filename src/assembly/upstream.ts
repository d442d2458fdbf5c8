import type { UpstreamConfig } from '../config/upstream.ts';
import type { UpstreamTarget } from '../gateway/upstream-target.ts';
import type { FieldNames } from '../http/field-names.ts';
import { UpstreamGroup } from '../upstream/group.ts';
import { UpstreamCounters } from '../wire/counters.ts';
import type { Deadlines } from '../wire/deadlines.ts';
import type { UpgradeCarrier } from '../wire/upgrade-carrier.ts';
import type { UpstreamBudget } from '../wire/upstream-budget.ts';
import { UpstreamPool } from '../wire/upstream-pool.ts';
import { UpstreamTls } from '../wire/upstream-tls.ts';

/** What the servers of all upstreams share. */
interface UpstreamParts {
  readonly names: FieldNames;
  readonly deadlines: Deadlines;
  readonly budget: UpstreamBudget;
  readonly carrier: UpgradeCarrier;
}

/** A group and the pools of its servers. `descriptors`: what the process has left for connections to each. */
export function createUpstream(
  config: UpstreamConfig,
  descriptors: number,
  { names, deadlines, budget, carrier }: UpstreamParts,
): UpstreamTarget {
  const group = new UpstreamGroup(config);
  const connectionsMax = Math.min(config.connectionsMax, descriptors);
  const secure = config.servers.some((server) => server.isSecure)
    ? new UpstreamTls(config.tls)
    : null;
  const pools = group.servers.map(({ host, name, port }, index) => {
    const tls = config.servers[index]?.isSecure === true ? secure : null;
    const counters = new UpstreamCounters(config.name, name);
    const parts = { host, port, tls, config, connectionsMax, names, deadlines, counters, budget };
    return new UpstreamPool(parts);
  });
  return { group, pools, carrier };
}
