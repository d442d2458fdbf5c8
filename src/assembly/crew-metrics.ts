import {
  metricsTogether,
  valuesTogether,
  type Metrics,
  type ProcessMetrics,
} from '../observability/prometheus.ts';
import type { MetricsFormat } from '../observability/metrics-content-types.ts';
import type { WorkerProcess } from '../lifecycle/worker-process.ts';

type Values = readonly object[];

/** A worker that does not answer by then is shown as it was. */
const ANSWER_MS = 2_000;

/**
 * The metrics of the primary and all workers as one. What a worker counted stays counted when it has ended: a sum that
 * fell would look like a restart of everything.
 */
export class CrewMetrics implements Metrics {
  readonly #own: ProcessMetrics;
  readonly #silences: { all: number; last: number };
  readonly #processes: () => readonly WorkerProcess[];
  readonly #last = new Map<WorkerProcess, Values>();
  #departed: Values = [];
  #adding: Promise<void> = Promise.resolve();

  /** `silences`: times that a worker did not answer, and how many did not answer last. */
  constructor(
    own: ProcessMetrics,
    processes: () => readonly WorkerProcess[],
    silences = { all: 0, last: 0 },
  ) {
    this.#silences = silences;
    this.#own = own;
    this.#processes = processes;
  }

  async text(format: MetricsFormat): Promise<string> {
    const answered = await Promise.all(this.#processes().map((process) => this.#ask(process)));
    this.#silences.last = answered.filter((hasAnswered) => !hasAnswered).length;
    this.#silences.all += this.#silences.last;
    const own = await this.#own.values();
    return metricsTogether([own, this.#departed, ...this.#last.values()], format);
  }

  /** The last word of a process. */
  remember(process: WorkerProcess, values: Values): void {
    this.#last.set(process, values);
  }

  /** One after another: each adds to what the one before left. */
  ended(process: WorkerProcess): Promise<void> {
    this.#adding = this.#adding.then(() => this.#add(process));
    return this.#adding;
  }

  async #add(process: WorkerProcess): Promise<void> {
    const values = this.#last.get(process)?.filter(isCount) ?? [];
    // Until then it is still shown as it was; in one turn it is here and no more there.
    this.#last.set(process, values);
    this.#departed = await valuesTogether([this.#departed, values]);
    this.#last.delete(process);
  }

  /** False: it should have answered. */
  async #ask(process: WorkerProcess): Promise<boolean> {
    if (!isThere(process)) return true;
    const answer = await process.link.ask('metrics', null, ANSWER_MS);
    // One that has ended meanwhile has nothing to say, and what it counted is here.
    if (!isThere(process)) return true;
    if (!Array.isArray(answer)) return false;
    this.#last.set(process, answer);
    return true;
  }
}

/** What only grows. What is there no more has no gauges. */
function isCount(metric: object): boolean {
  return 'type' in metric && (metric.type === 'counter' || metric.type === 'histogram');
}

function isThere({ state }: WorkerProcess): boolean {
  return state === 'ready' || state === 'retiring';
}
