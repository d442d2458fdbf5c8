import type { RateSample, RatesState } from '../pages/console-state.ts';
import type { WorkerFacts } from './worker-facts.ts';

const samplesMax = 150;

interface Counted {
  readonly requests: number;
  readonly errors: number;
  readonly settled: number;
  readonly settledMs: number;
}

interface Gain extends Counted {
  readonly seconds: number;
}

/** More workers than a node has, the old ones of a restart included. */
const rememberedMax = 1_024;

/** What the workers of this node have counted, as rates over the last minutes. */
export class Rates {
  readonly #everyMs: number;
  readonly #samples: RateSample[] = [];
  /** By the number of the process; who was heard of last is last. */
  readonly #last = new Map<number, { readonly atMs: number; readonly counted: Counted }>();
  #lastAtMs: number | null = null;

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  get state(): RatesState {
    return { everyMs: this.#everyMs, samples: [...this.#samples] };
  }

  /** `atMs`: on the monotonic clock; `wallMs`: as it is shown. */
  add(workers: readonly WorkerFacts[], atMs: number, wallMs: number): void {
    const isFirst = this.#lastAtMs === null;
    if (this.#lastAtMs !== null && atMs <= this.#lastAtMs) return;
    this.#lastAtMs = atMs;
    const gains = workers.map((one) => this.#gainOf(one, atMs));
    if (isFirst) return;
    const sum = (of: (gain: Gain) => number): number =>
      gains.reduce((all, gain) => all + of(gain), 0);
    const settled = sum((gain) => gain.settled);
    this.#samples.push({
      at: new Date(wallMs).toISOString(),
      requestsPerSecond: rounded(sum((gain) => gain.requests / gain.seconds)),
      errorsPerSecond: rounded(sum((gain) => gain.errors / gain.seconds)),
      propagationMs: settled === 0 ? null : rounded(sum((gain) => gain.settledMs) / settled),
    });
    if (this.#samples.length > samplesMax) this.#samples.shift();
  }

  /** Since this worker was heard of last, which may be several looks ago: one that hung has counted on. */
  #gainOf({ errors, pid, requests, settled, settledMs }: WorkerFacts, atMs: number): Gain {
    const counted = { requests, errors, settled, settledMs };
    const last = this.#last.get(pid);
    this.#last.delete(pid);
    this.#last.set(pid, { atMs, counted });
    const [eldest] = this.#last.keys();
    if (this.#last.size > rememberedMax && eldest !== undefined) this.#last.delete(eldest);
    // Nobody knows in how long a time a process that was not seen yet has counted.
    const before = last ?? { atMs: atMs - this.#everyMs, counted };
    // The system gives numbers of processes again.
    const gain = (key: keyof Counted): number => Math.max(0, counted[key] - before.counted[key]);
    return {
      requests: gain('requests'),
      errors: gain('errors'),
      settled: gain('settled'),
      settledMs: gain('settledMs'),
      seconds: (atMs - before.atMs) / 1_000,
    };
  }
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
