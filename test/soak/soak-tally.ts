import { LatencyHistogram } from '../../bench/load/latency-histogram.ts';
import { systemClock } from '../../src/lib/clock.ts';

/** What the clients of a soak have seen, by the third of the time in which they saw it. */
export class SoakTally {
  asked = 0;
  failed = 0;
  /** What was broken off, opened, replaced …, by its name. */
  readonly deeds = new Map<string, number>();
  /** At most ten, for the report. */
  readonly failures: string[] = [];
  third = 0;
  /** The same asked of the upstream, past the gateway: what the machine itself does to an answer. */
  readonly #direct = [new LatencyHistogram(), new LatencyHistogram(), new LatencyHistogram()];
  readonly #thirds = [new LatencyHistogram(), new LatencyHistogram(), new LatencyHistogram()];

  /** Asks once; `work` says whether the answer was the right one, or what it was. */
  async time(what: string, work: () => Promise<boolean | string>): Promise<void> {
    const beganAtMs = systemClock.monotonic();
    const { third } = this;
    this.asked += 1;
    let trouble = 'a wrong answer';
    try {
      const outcome = await work();
      if (outcome === true) {
        this.#thirds[third]?.add(systemClock.monotonic() - beganAtMs);
        this.did(what);
        return;
      }
      if (outcome !== false) trouble = outcome;
    } catch (error) {
      trouble = error instanceof Error ? error.message : String(error);
    }
    this.failed += 1;
    if (this.failures.length < 10) this.failures.push(`${what}: ${trouble}`);
  }

  /** Asks once past the gateway. */
  async timeDirect(work: () => Promise<unknown>): Promise<void> {
    const beganAtMs = systemClock.monotonic();
    const { third } = this;
    await work();
    this.#direct[third]?.add(systemClock.monotonic() - beganAtMs);
  }

  did(what: string): void {
    this.deeds.set(what, (this.deeds.get(what) ?? 0) + 1);
  }

  directP99Ms(third: number): number {
    return this.#direct[third]?.quantileMs(0.99) ?? 0;
  }

  p99Ms(third: number): number {
    return this.#thirds[third]?.quantileMs(0.99) ?? 0;
  }
}
