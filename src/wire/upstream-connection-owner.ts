import type { UpstreamConfig } from '../config/upstream.ts';
import type { FieldNames } from '../http/field-names.ts';
import type { UpstreamCounters } from './counters.ts';
import type { Deadlines } from './deadlines.ts';
import type { UpstreamConnection } from './upstream-connection.ts';
import type { UpstreamFailure } from './upstream-failure.ts';
import type { UpstreamAddress } from './upstream-socket.ts';

/** What a pool shares with its connections. */
export interface UpstreamConnectionOwner {
  readonly address: UpstreamAddress;
  readonly config: UpstreamConfig;
  readonly names: FieldNames;
  readonly deadlines: Deadlines;
  readonly counters: UpstreamCounters;
  opened(connection: UpstreamConnection): void;
  /** The exchange is over and the connection can carry another one. */
  released(connection: UpstreamConnection): void;
  closed(connection: UpstreamConnection, failure: UpstreamFailure): void;
}
