import type { Clock } from '../lib/clock.ts';
import type { Log } from '../observability/log.ts';
import type { WorkerPlan } from './link-message.ts';
import { RestartBackoff } from './restart-backoff.ts';
import type { DrainOrder } from './service.ts';
import { type WorkerEnd, WorkerEndError, type WorkerProcess } from './worker-process.ts';

export interface WorkerPlaceParts {
  readonly place: number;
  readonly spawn: (place: number, plan: WorkerPlan) => WorkerProcess;
  readonly clock: Clock;
  readonly log: Log;
}

/** A worker that is not ready by then is given up. A store that is late does not hold up a start. */
const START_MS = 60_000;

/**
 * The place of one worker: one process that serves, and one more while it is replaced. A process that crashed is
 * replaced too, later each time.
 */
export class WorkerPlace {
  crashes = 0;
  readonly #parts: WorkerPlaceParts;
  readonly #backoff = new RestartBackoff();
  #current: WorkerProcess | null = null;
  /** The one that takes over, while it starts. */
  #next: WorkerProcess | null = null;
  #plan: WorkerPlan | null = null;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(parts: WorkerPlaceParts) {
    this.#parts = parts;
  }

  /** The process that serves; null while there is none. */
  get current(): WorkerProcess | null {
    return this.#current?.state === 'ready' ? this.#current : null;
  }

  /** Resolves when a process with this plan serves, and the one before has been told to go; rejects when it does not start. */
  async fill(plan: WorkerPlan, farewell: DrainOrder): Promise<void> {
    if (this.#isClosed) throw new Error('nobody is started any more');
    clearTimeout(this.#timer);
    const next = this.#parts.spawn(this.#parts.place, plan);
    this.#next = next;
    try {
      await readyWithin(next, START_MS);
    } catch (error) {
      this.#next = null;
      // Where there was a crash meanwhile, nobody is there and nobody is to come.
      if (this.#current === null && this.#plan !== null) this.#restart(0);
      throw error;
    }
    this.#next = null;
    const before = this.#current;
    if (this.#isClosed || (before !== null && before.plan.generation > plan.generation)) {
      next.kill(); // too late
      return;
    }
    this.#current = next;
    this.#plan = plan;
    const sinceMs = this.#parts.clock.monotonic();
    void next.ended.then((end) => this.#ended(next, end, sinceMs));
    before?.retire(farewell);
  }

  /** As `fill`, until it succeeds or the plan is another one by then. */
  async fillAtLast(plan: WorkerPlan, farewell: DrainOrder): Promise<void> {
    this.#plan = plan;
    try {
      await this.fill(plan, farewell);
    } catch (error) {
      if (this.#isClosed) return;
      this.crashes++;
      const waitMs = this.#backoff.crashed(0);
      this.#logCrash(error instanceof WorkerEndError ? error.end : null, null, waitMs);
      this.#restart(waitMs);
    }
  }

  /** Nobody is started here any more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#next?.kill();
  }

  #ended(process: WorkerProcess, end: WorkerEnd, sinceMs: number): void {
    if (this.#current !== process) return; // it was replaced
    this.#current = null;
    if (this.#isClosed) return;
    // Somebody told it to go, and it went in order.
    const isCrash = end.code !== 0;
    const waitMs = isCrash ? this.#backoff.crashed(this.#parts.clock.monotonic() - sinceMs) : 0;
    if (isCrash) {
      this.crashes++;
      this.#logCrash(end, process.pid, waitMs);
    }
    if (this.#next === null) this.#restart(waitMs);
  }

  #restart(waitMs: number): void {
    const plan = this.#plan;
    if (plan === null || this.#isClosed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.fillAtLast(plan, atOnce), waitMs);
  }

  #logCrash(end: WorkerEnd | null, pid: number | null, restartMs: number): void {
    this.#parts.log.error('worker.crashed', {
      worker: this.#parts.place,
      pid,
      code: end?.code,
      signal: end?.signal,
      reason: end === null ? 'not ready in time' : (end.reason ?? undefined),
      restartMs,
    });
  }
}

/** For a process that is not there. */
const atOnce: DrainOrder = { timeoutMs: 0, idleMs: 0, keptRoutes: null };

async function readyWithin(worker: WorkerProcess, milliseconds: number): Promise<void> {
  const timer = setTimeout(() => worker.kill(), milliseconds);
  try {
    await worker.ready;
  } finally {
    clearTimeout(timer);
  }
}
