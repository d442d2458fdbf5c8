import type { UpstreamGroup } from '../upstream/group.ts';
import type { UpstreamServer } from '../upstream/server.ts';
import type { Carrier } from '../wire/upgrade-carrier.ts';
import type { UpstreamPool } from '../wire/upstream-pool.ts';
import type { ServerChoice } from './server-choice.ts';

/** A server with the connections to it. */
export type ForwardServer = UpstreamServer<UpstreamPool>;

/** An upstream group, and whose turn it is for which request. */
export interface UpstreamTarget {
  readonly group: UpstreamGroup<UpstreamPool>;
  readonly choice: ServerChoice;
  /** For WebSockets, which have connections of their own. */
  readonly carrier: Carrier;
}
