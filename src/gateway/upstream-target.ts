import type { UpstreamGroup } from '../upstream/group.ts';
import type { UpgradeCarrier } from '../wire/upgrade-carrier.ts';
import type { UpstreamPool } from '../wire/upstream-pool.ts';

/** An upstream group with the connections to its servers, index by index. */
export interface UpstreamTarget {
  readonly group: UpstreamGroup;
  readonly pools: readonly UpstreamPool[];
  /** For WebSockets, which have connections of their own. */
  readonly carrier: UpgradeCarrier;
}
