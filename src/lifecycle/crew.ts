import type { Clock } from '../lib/clock.ts';
import type { Log } from '../observability/log.ts';
import type { WorkerPlan } from './link-message.ts';
import type { DrainOrder } from './service.ts';
import { WorkerPlace } from './worker-place.ts';
import type { WorkerProcess } from './worker-process.ts';

export interface CrewParts {
  readonly size: number;
  /** Starts a process; `crew` sees it from then on. */
  readonly spawn: (place: number, plan: WorkerPlan) => WorkerProcess;
  readonly clock: Clock;
  readonly log: Log;
}

/** Generations that live on for the sake of their sockets; the oldest ones are told to go when there are more. */
const LINGERING_MAX = 3;

/** All workers of a primary. */
export class Crew {
  readonly #parts: CrewParts;
  readonly #places: readonly WorkerPlace[];
  readonly #processes = new Set<WorkerProcess>();
  #replacing: Promise<void> = Promise.resolve();

  constructor(parts: CrewParts) {
    this.#parts = parts;
    const { clock, log, size } = parts;
    const spawn = (place: number, plan: WorkerPlan): WorkerProcess => this.#spawn(place, plan);
    this.#places = Array.from(
      { length: size },
      (_, index) => new WorkerPlace({ place: index + 1, spawn, clock, log }),
    );
  }

  get size(): number {
    return this.#places.length;
  }

  /** Every process that has not ended, also those that retire. */
  get processes(): readonly WorkerProcess[] {
    return [...this.#processes];
  }

  /** Those that take traffic, in the order of their places. */
  get serving(): readonly WorkerProcess[] {
    return this.#places.map(({ current }) => current).filter((one) => one !== null);
  }

  get crashes(): number {
    return this.#places.reduce((sum, place) => sum + place.crashes, 0);
  }

  /**
   * Puts processes with this plan in all places, one after another: there is never less than a full crew that takes
   * connections. Rejects when the first of them does not start; then nothing has changed. One that does not start after
   * the first did is tried again and again.
   */
  fill(plan: WorkerPlan, farewell: DrainOrder): Promise<void> {
    const filling = this.#replacing.then(() => this.#fill(plan, farewell));
    this.#replacing = filling.catch(() => {});
    return filling;
  }

  /** Resolves when every process has ended. */
  async retire(order: DrainOrder): Promise<void> {
    for (const place of this.#places) place.close();
    for (const process of this.#processes) process.retire(order);
    await Promise.all([...this.#processes].map(({ ended }) => ended));
  }

  kill(): void {
    for (const place of this.#places) place.close();
    for (const process of this.#processes) process.kill();
  }

  async #fill(plan: WorkerPlan, farewell: DrainOrder): Promise<void> {
    const [first, ...others] = this.#places;
    if (this.#processes.size === 0) {
      // Nobody is there who could go on with something else: one that does not start is the end of the start.
      await Promise.all(this.#places.map((place) => place.fill(plan, farewell)));
      return;
    }
    await first?.fill(plan, farewell);
    for (const place of others) await place.fillAtLast(plan, farewell);
    // A restart is for everybody, also for those that an earlier reload left alone.
    this.#dismissLingering(farewell, farewell.keptRoutes === null ? 0 : LINGERING_MAX);
  }

  #spawn(place: number, plan: WorkerPlan): WorkerProcess {
    const process = this.#parts.spawn(place, plan);
    this.#processes.add(process);
    void process.ended.then(() => this.#processes.delete(process));
    return process;
  }

  #dismissLingering({ timeoutMs, idleMs }: DrainOrder, most: number): void {
    const lingering = [...this.#processes].filter(({ isLingering }) => isLingering);
    const generations = [...new Set(lingering.map(({ plan }) => plan.generation))];
    const dismissed = new Set(generations.toSorted((a, b) => b - a).slice(most));
    for (const process of lingering) {
      if (!dismissed.has(process.plan.generation)) continue;
      process.retire({ timeoutMs, idleMs, keptRoutes: null });
    }
  }
}
