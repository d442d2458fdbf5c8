import type { ListenerConfig } from '../config/listener.ts';
import type { FieldNames } from '../http/field-names.ts';
import type { ListenerCounters } from './counters.ts';
import type { DateField } from './date-field.ts';
import type { Deadlines } from './deadlines.ts';
import type { Gate } from './lane.ts';

/** What a listener shares with its client connections. */
export interface ClientConnectionOwner {
  readonly config: ListenerConfig;
  readonly gate: Gate;
  readonly names: FieldNames;
  readonly deadlines: Deadlines;
  readonly date: DateField;
  readonly counters: ListenerCounters;
  readonly isDraining: boolean;
  /** While it drains: how long a connection that is idle may still send a request. */
  readonly idleDrainMs: number;
  /** While it drains: who is on the upgrade lane is told elsewhere whether to go. */
  readonly areUpgradesKept: boolean;
  closed(connection: object): void;
}
