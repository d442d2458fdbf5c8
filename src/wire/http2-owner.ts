import type { ListenerConfig } from '../config/listener.ts';
import type { FieldNames } from '../http/field-names.ts';
import type { ListenerCounters } from './counters.ts';
import type { Deadlines } from './deadlines.ts';
import type { Gate } from './lane.ts';

/** What a listener shares with its HTTP/2 connections. */
export interface Http2Owner {
  readonly config: ListenerConfig;
  readonly gate: Gate;
  readonly names: FieldNames;
  readonly deadlines: Deadlines;
  readonly counters: ListenerCounters;
}
