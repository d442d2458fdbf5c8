import type { ChildProcess } from 'node:child_process';
import type { ListenHandle } from './listen-handle.ts';
import { Link } from './link.ts';
import type { Broadcast, FromWorker, ToWorker, WorkerPlan } from './link-message.ts';
import type { DrainOrder } from './service.ts';

/**
 *   starting ──ready──► ready ──retire──► retiring ──► gone
 *      └────────────────────┴──── it ended by itself ────▲
 */
export type WorkerState = 'starting' | 'ready' | 'retiring' | 'gone';

/** How a worker process ended. */
export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it said itself. */
  readonly reason: string | null;
  /** The exit code of a start that failed for a reason of its own; null: it was no such end. */
  readonly startExitCode: number | null;
}

export interface WorkerSetup {
  /** 1 for the first place. */
  readonly place: number;
  readonly plan: WorkerPlan;
  readonly handles: ReadonlyMap<string, ListenHandle>;
  readonly ticketKeys: Readonly<Record<string, Uint8Array>>;
}

export interface WorkerEvents {
  /** Before anything is sent: who answers its questions. */
  readonly began: (worker: WorkerProcess) => void;
  readonly broadcast: (from: WorkerProcess, message: Broadcast) => void;
  readonly leaving: (from: WorkerProcess, metrics: readonly object[]) => void;
}

/** Beyond its drain a worker gets so long to stop; then it is killed. */
const STOP_MS = 5_000;

/** One worker as the primary sees it. */
export class WorkerProcess {
  readonly place: number;
  readonly plan: WorkerPlan;
  readonly link: Link<ToWorker, FromWorker>;
  /** Resolves when it is ready; rejects with a `WorkerEndError` when it ends before. */
  readonly ready: Promise<void>;
  readonly ended: Promise<WorkerEnd>;
  readonly #child: ChildProcess;
  #state: WorkerState = 'starting';
  #reason: string | null = null;
  #startExitCode: number | null = null;
  #mayLinger = false;
  #killer: NodeJS.Timeout | undefined;
  #becameReady: () => void = () => {};

  constructor(child: ChildProcess, setup: WorkerSetup, events: WorkerEvents) {
    this.#child = child;
    this.place = setup.place;
    this.plan = setup.plan;
    this.link = new Link<ToWorker, FromWorker>(child, (message) => this.#received(message, events));
    events.began(this);
    this.ended = this.#end();
    this.ready = new Promise((resolve, reject) => {
      this.#becameReady = resolve;
      void this.ended.then((end) => reject(new WorkerEndError(end)));
    });
    this.ready.catch(() => {}); // whoever waits hears of it
    for (const [listener, { native, port }] of setup.handles) {
      this.link.send({ kind: 'listener', listener, port }, native);
    }
    const { place: worker, plan, ticketKeys } = setup;
    this.link.send({ kind: 'begin', worker, plan, ticketKeys });
  }

  get state(): WorkerState {
    return this.#state;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** It retires, and some of its sockets may stay for as long as they like. */
  get isLingering(): boolean {
    return this.#state === 'retiring' && this.#mayLinger;
  }

  /** Finishes and ends. Can be said again, with less patience. */
  retire(order: DrainOrder): void {
    if (this.#state === 'gone') return;
    this.#state = 'retiring';
    this.#mayLinger = order.keptRoutes !== null;
    this.link.send({ kind: 'retire', order });
    clearTimeout(this.#killer);
    // Sockets that may stay have no end that is known.
    if (order.keptRoutes !== null) return;
    this.#killer = setTimeout(() => this.kill(), order.timeoutMs + STOP_MS);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async #end(): Promise<WorkerEnd> {
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
      this.#child.once('exit', (...how) => resolve(how));
      // There was no process: nothing else will be said of it.
      this.#child.once('error', (error) => {
        this.#reason ??= error.message;
        if (this.#child.pid === undefined) resolve([null, null]);
      });
    });
    this.#state = 'gone';
    clearTimeout(this.#killer);
    this.link.close();
    return { code, signal, reason: this.#reason, startExitCode: this.#startExitCode };
  }

  #received(
    message: Exclude<FromWorker, { kind: 'question' | 'answer' }>,
    events: WorkerEvents,
  ): void {
    switch (message.kind) {
      case 'ready':
        if (this.#state === 'starting') this.#state = 'ready';
        this.#becameReady();
        break;
      case 'failed':
        this.#reason = message.text.trim();
        this.#startExitCode = message.exitCode;
        break;
      case 'crashing':
        this.#reason = message.reason;
        break;
      case 'leaving':
        events.leaving(this, message.metrics);
        break;
      case 'broadcast':
        events.broadcast(this, message);
    }
  }
}

/** A worker that ended when it should have become ready. */
export class WorkerEndError extends Error {
  override readonly name = 'WorkerEndError';
  readonly end: WorkerEnd;

  constructor(end: WorkerEnd) {
    super(end.reason ?? `a worker ended with ${end.signal ?? end.code ?? 'nothing'} at its start`);
    this.end = end;
  }
}
