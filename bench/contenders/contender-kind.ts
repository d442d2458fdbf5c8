import type { StoreCalls } from '../comparison/store-calls.ts';
import type { BenchSession } from '../processes/gateway-process.ts';
import type { Stand } from './stand.ts';

/** What one contender is once it runs. */
export interface StartedContender {
  readonly port: number;
  /** Its processes with all that they started. */
  readonly pids: readonly number[];
  readonly sessions: readonly BenchSession[];
  /** A cookie of a session that is over. */
  readonly endedCookie: string;
  /** How it was configured, for the report. */
  readonly configuration: string;
  /** Of its gateway; null where there is none. */
  readonly storeCalls: StoreCalls | null;
  /** Where it is not its scenario's. */
  readonly path?: string;
}

/**
 * `validates` has no upstream: it is asked itself. `describes` checks nobody, and replaces what clients say of themselves
 * as all others do. `relays` knows nothing of requests.
 */
export type ContenderDuty = 'authenticates' | 'validates' | 'describes' | 'relays';

export interface ContenderKind {
  readonly id: string;
  readonly title: string;
  /** What one has to know to read its figures; null for nothing. */
  readonly note: string | null;
  readonly duty: ContenderDuty;
  /** What it says to somebody without a session. */
  readonly refusedStatus: number;
  /** What has to be installed; null when it is there. */
  readonly missing: () => string | null;
  /** What it starts belongs to the resources. */
  readonly start: (stand: Stand, resources: AsyncDisposableStack) => Promise<StartedContender>;
}
