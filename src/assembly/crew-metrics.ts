import {
  metricsTogether,
  valuesTogether,
  type ProcessMetrics,
} from '../observability/prometheus.ts';
import type { WorkerProcess } from '../lifecycle/worker-process.ts';

type Values = readonly object[];

/** A worker that does not answer by then is shown as it was. */
const ANSWER_MS = 2_000;

/**
 * The metrics of the primary and all workers as one. What a worker counted stays counted when it has ended: a sum that
 * fell would look like a restart of everything.
 */
export class CrewMetrics {
  readonly contentType: string;
  readonly #own: ProcessMetrics;
  readonly #processes: () => readonly WorkerProcess[];
  readonly #last = new Map<WorkerProcess, Values>();
  #departed: Values = [];
  #adding: Promise<void> = Promise.resolve();

  constructor(own: ProcessMetrics, processes: () => readonly WorkerProcess[]) {
    this.contentType = own.contentType;
    this.#own = own;
    this.#processes = processes;
  }

  async text(): Promise<string> {
    const [own] = await Promise.all([
      this.#own.values(),
      ...this.#processes().map((process) => this.#ask(process)),
    ]);
    return metricsTogether([own, this.#departed, ...this.#last.values()]);
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

  async #ask(process: WorkerProcess): Promise<void> {
    if (!isThere(process)) return;
    const answer = await process.link.ask('metrics', null, ANSWER_MS);
    if (Array.isArray(answer) && isThere(process)) this.#last.set(process, answer);
  }
}

/** What only grows. What is there no more has no gauges. */
function isCount(metric: object): boolean {
  return 'type' in metric && (metric.type === 'counter' || metric.type === 'histogram');
}

function isThere({ state }: WorkerProcess): boolean {
  return state === 'ready' || state === 'retiring';
}
