import type { RateSample, RatesState } from '../pages/console-state.ts';
import type { WorkerFacts } from './worker-facts.ts';

const samplesMax = 150;

interface Counted {
  readonly requests: number;
  readonly errors: number;
  readonly settled: number;
  readonly settledMs: number;
}

const nothing: Counted = { requests: 0, errors: 0, settled: 0, settledMs: 0 };

/** What the workers of this node have counted, as rates over the last minutes. */
export class Rates {
  readonly #everyMs: number;
  readonly #samples: RateSample[] = [];
  #last: { readonly atMs: number; readonly counts: ReadonlyMap<number, Counted> } | null = null;

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  get state(): RatesState {
    return { everyMs: this.#everyMs, samples: [...this.#samples] };
  }

  /** `atMs`: on the monotonic clock; `wallMs`: as it is shown. */
  add(workers: readonly WorkerFacts[], atMs: number, wallMs: number): void {
    const counts = new Map<number, Counted>(workers.map((one) => [one.pid, one]));
    const before = this.#last;
    this.#last = { atMs, counts };
    if (before === null || atMs <= before.atMs) return;
    const seconds = (atMs - before.atMs) / 1_000;
    const sum = (key: keyof Counted): number =>
      workers
        // A process that is new has counted from nothing.
        .map((one) => Math.max(0, one[key] - (before.counts.get(one.pid) ?? nothing)[key]))
        .reduce((all, one) => all + one, 0);
    const settled = sum('settled');
    this.#samples.push({
      at: new Date(wallMs).toISOString(),
      requestsPerSecond: rounded(sum('requests') / seconds),
      errorsPerSecond: rounded(sum('errors') / seconds),
      propagationMs: settled === 0 ? null : rounded(sum('settledMs') / settled),
    });
    if (this.#samples.length > samplesMax) this.#samples.shift();
  }
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
