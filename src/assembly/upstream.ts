import type { UpstreamConfig } from '../config/upstream.ts';
import type { UpstreamTarget } from '../gateway/upstream-target.ts';
import type { FieldNames } from '../http/field-names.ts';
import { UpstreamGroup } from '../upstream/group.ts';
import { UpstreamCounters } from '../wire/counters.ts';
import type { Deadlines } from '../wire/deadlines.ts';
import type { UpgradeCarrier } from '../wire/upgrade-carrier.ts';
import { UpstreamPool } from '../wire/upstream-pool.ts';

/** A group and the pools of its servers. `descriptors`: what the process has left for connections to each. */
export function createUpstream(
  config: UpstreamConfig,
  descriptors: number,
  names: FieldNames,
  deadlines: Deadlines,
  carrier: UpgradeCarrier,
): UpstreamTarget {
  const group = new UpstreamGroup(config);
  const connectionsMax = Math.min(config.connectionsMax, descriptors);
  const pools = group.servers.map(({ host, name, port }) => {
    const counters = new UpstreamCounters(config.name, name);
    return new UpstreamPool({ host, port, config, connectionsMax, names, deadlines, counters });
  });
  return { group, pools, carrier };
}
