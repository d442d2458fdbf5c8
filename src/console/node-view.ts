import type { UpstreamsReport } from '../admin/upstreams-report.ts';
import type { RatesState } from '../pages/console-state.ts';
import type { WorkerFacts } from './worker-facts.ts';

/** What is known of this node, by whoever knows all of its workers. */
export interface NodeView {
  readonly workers: readonly WorkerFacts[];
  readonly upstreams: UpstreamsReport['upstreams'];
  readonly rates: RatesState;
}
