import type { UpstreamsReport } from '../admin/upstreams-report.ts';
import type { Clock } from '../lib/clock.ts';
import type { NodeView } from './node-view.ts';
import { Rates } from './rates.ts';
import type { WorkerFacts } from './worker-facts.ts';

export interface NodeWatchParts {
  readonly facts: () => Promise<readonly WorkerFacts[]>;
  readonly upstreams: () => UpstreamsReport | Promise<UpstreamsReport>;
  readonly clock: Clock;
  readonly everyMs?: number;
}

const everyMsDefault = 1_000;

/** Asks the workers of this node every second what they have counted: nobody's page waits for them, no page asks more. */
export class NodeWatch {
  readonly #parts: NodeWatchParts;
  readonly #everyMs: number;
  readonly #rates: Rates;
  #workers: readonly WorkerFacts[] = [];
  #upstreams: UpstreamsReport['upstreams'] = [];
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;

  constructor(parts: NodeWatchParts) {
    this.#parts = parts;
    this.#everyMs = parts.everyMs ?? everyMsDefault;
    this.#rates = new Rates(this.#everyMs);
  }

  get view(): NodeView {
    return { workers: this.#workers, upstreams: this.#upstreams, rates: this.#rates.state };
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.look(), this.#everyMs).unref();
    void this.look();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** One at a time: a worker that hangs is asked again when it has not answered. */
  async look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const { clock, facts, upstreams } = this.#parts;
      const [workers, report] = await Promise.all([facts(), upstreams()]);
      this.#workers = workers;
      this.#upstreams = report.upstreams;
      this.#rates.add(workers, clock.monotonic(), clock.now());
    } finally {
      this.#isLooking = false;
    }
  }
}
