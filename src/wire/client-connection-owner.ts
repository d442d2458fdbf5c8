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
  closed(connection: object): void;
}
