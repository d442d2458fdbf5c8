import type { LoadProtocol } from '../load/load-job.ts';
import type { StoreCalls } from './store-calls.ts';

/** Something that is measured: where requests go, what they carry, and whose CPU time they cost. */
export interface Contender {
  readonly id: string;
  readonly title: string;
  readonly port: number;
  readonly path: string;
  /** Over TLS. */
  readonly isSecure: boolean;
  readonly protocol: LoadProtocol;
  /** Values of the Cookie field, spread over the connections. */
  readonly cookies: readonly string[];
  /** The status that every answer must have. */
  readonly expectedStatus: number;
  readonly bodyBytes?: number;
  /** Where the load comes at a fixed rate. */
  readonly requestsPerSecond?: number;
  /** All processes that work for it. */
  readonly pids: readonly number[];
  /** Of its gateway; null where there is none. */
  readonly storeCalls: StoreCalls | null;
}
