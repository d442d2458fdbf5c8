import type { UpstreamGroup } from '../upstream/group.ts';
import type { UpstreamPool } from '../wire/upstream-pool.ts';

/** An upstream group with the connections to its servers, index by index. */
export interface UpstreamTarget {
  readonly group: UpstreamGroup;
  readonly pools: readonly UpstreamPool[];
}
