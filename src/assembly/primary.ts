import { fork } from 'node:child_process';
import type { RecentOrder } from '../admin/control-order.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { newSnapshot, withSnapshot, type FileSnapshot } from '../config/read.ts';
import { configDifference } from '../config/config-difference.ts';
import { unchangedRoutes } from '../config/unchanged-routes.ts';
import { systemClock } from '../lib/clock.ts';
import { Crew } from '../lifecycle/crew.ts';
import { idleDrainMsOf } from '../lifecycle/idle-drain.ts';
import type { WorkerPlan } from '../lifecycle/link-message.ts';
import type { ListenHandle } from '../lifecycle/listen-handle.ts';
import type { DrainOrder } from '../lifecycle/service.ts';
import { WorkerProcess, type WorkerEvents } from '../lifecycle/worker-process.ts';
import { errorFields } from '../observability/error-fields.ts';
import type { Log } from '../observability/log.ts';
import { notRemembered, recentTopic } from './explaining.ts';
import { exposures } from './exposure.ts';
import { fixedDifference } from './fixed-difference.ts';
import { askWorkers } from './ask-workers.ts';
import { CountShelf, countTopic, type CountQuestion } from './count-shelf.ts';
import { ListenHandles } from './listen-handles.ts';
import { TicketRotation } from './ticket-rotation.ts';

export interface PrimaryParts {
  readonly config: Config;
  readonly files: FileSnapshot;
  readonly size: number;
  readonly log: Log;
  readonly events: WorkerEvents & {
    readonly ended: (process: WorkerProcess) => void;
    /** The files have been read anew; null: they make no configuration. */
    readonly read?: (files: FileSnapshot, config: Config | null) => void;
  };
}

/** What became of the wish to take a configuration. */
export type Replacement =
  | {
      readonly kind: 'done';
      readonly generation: number;
      /** What is different, one line each, without secrets. */
      readonly changes: readonly string[];
      /** What lets in more people than before. */
      readonly exposures: readonly string[];
    }
  /** Nothing has changed; the text says why, in whole lines. */
  | { readonly kind: 'refused'; readonly text: string };

/** `restart`: everybody is told to go. `reload`: what is open on routes that have not changed stays open. */
export type ReplacementKind = 'restart' | 'reload';

const aboutToEnd = 'The gateway is about to end.';

/** The sockets, the configuration and the workers of a gateway with several processes. */
export class Primary {
  readonly crew: Crew;
  readonly tickets: TicketRotation;
  /** What workers count attempts and requests by. */
  readonly shelf: CountShelf;
  /** By how they ended. */
  readonly replacements = { done: 0, refused: 0 };
  isConfigTaken = true;
  /** On the wall clock: when what runs was taken. */
  takenAtMs = systemClock.now();
  readonly #parts: PrimaryParts;
  readonly #sockets = new ListenHandles();
  #config: Config;
  #plan: WorkerPlan;
  /** The sockets of each plan: a worker of the old one may be started again while the new one is tried. */
  readonly #handles = new WeakMap<WorkerPlan, ReadonlyMap<string, ListenHandle>>();
  readonly #begun = Promise.withResolvers<void>();
  /** Whoever wishes for something before everything is there waits for it. */
  #turn: Promise<unknown> = this.#begun.promise;
  #isClosed = false;

  constructor(parts: PrimaryParts) {
    const { config, files, log, size } = parts;
    this.#parts = parts;
    this.#config = config;
    this.#plan = planOf(config, files, 1);
    this.shelf = new CountShelf(config.login.throttle.entriesMax, size);
    this.tickets = new TicketRotation(systemClock, (listener, keys) => {
      for (const { link } of this.crew.processes) link.send({ kind: 'tickets', listener, keys });
    });
    this.crew = new Crew({
      size,
      spawn: (place, plan) => this.#spawn(place, plan),
      clock: systemClock,
      log,
    });
  }

  get generation(): number {
    return this.#plan.generation;
  }

  get config(): Config {
    return this.#config;
  }

  /** Rejects with a sentence. */
  async bind(): Promise<void> {
    this.#handles.set(this.#plan, await this.#sockets.open(this.#config.listeners));
    this.tickets.use(this.#config.listeners);
  }

  unbind(): void {
    this.#sockets.keepOnly([]);
  }

  async start(): Promise<void> {
    await this.crew.fill(this.#plan, this.#farewell(null));
    this.#begun.resolve();
  }

  /** Resolves when all have ended. */
  async retire(): Promise<void> {
    this.#isClosed = true;
    this.#begun.resolve();
    // Nobody takes over: who is idle is let go at once.
    await this.crew.retire({ ...this.#farewell(null), idleMs: 0 });
  }

  /** Reads the configuration again and replaces the workers, one after the other. Two wishes are fulfilled in turn. */
  replace(
    kind: ReplacementKind,
    read: (path: string) => Config = loadConfig,
  ): Promise<Replacement> {
    const replacing = this.#turn.then(() => this.#replace(kind, read));
    // Whatever becomes of one wish, the next one has its turn.
    this.#turn = replacing.catch(() => null);
    return replacing;
  }

  async #replace(kind: ReplacementKind, read: (path: string) => Config): Promise<Replacement> {
    if (this.#isClosed) return { kind: 'refused', text: `${aboutToEnd}\n` };
    const { log } = this.#parts;
    log.info('config.replacing', { kind });
    const result = await this.#tryReplace(kind, read);
    this.replacements[result.kind]++;
    this.isConfigTaken = result.kind === 'done';
    if (result.kind === 'done')
      log.info('config.replaced', { kind, generation: result.generation });
    else log.error('config.refused', { kind, reason: result.text.trim() });
    return result;
  }

  async #tryReplace(kind: ReplacementKind, read: (path: string) => Config): Promise<Replacement> {
    const before = this.#config;
    const files = newSnapshot();
    let config: Config | null = null;
    try {
      config = withSnapshot(files, () => read(before.path));
    } catch (error) {
      return refused(error);
    } finally {
      this.#parts.events.read?.(files, config);
    }
    const difference = fixedDifference(before, config);
    if (difference !== null) return { kind: 'refused', text: `${difference}\n` };
    const kept = kind === 'reload' ? unchangedRoutes(before, config) : null;
    const farewell = this.#farewell(kept);
    const plan = planOf(config, files, this.#plan.generation + 1);
    try {
      this.#handles.set(plan, await this.#sockets.open(config.listeners));
      if (this.#isClosed) throw new Error(aboutToEnd);
      this.tickets.use(config.listeners);
      await this.crew.fill(plan, farewell);
      this.#plan = plan;
    } catch (error) {
      this.#sockets.keepOnly(this.#isClosed ? [] : before.listeners);
      this.tickets.use(before.listeners);
      return refused(error);
    }
    this.#config = config;
    this.takenAtMs = systemClock.now();
    this.#sockets.keepOnly(config.listeners);
    for (const warning of config.warnings) {
      this.#parts.log.warn('config.warning', { detail: warning });
    }
    try {
      return this.#taken(before, config);
    } catch (error) {
      // It has been taken all the same.
      this.#parts.log.error('config.incomparable', errorFields(error));
      return { kind: 'done', generation: plan.generation, changes: [], exposures: [] };
    }
  }

  /** Says what is different now, and louder what is open to more people. */
  #taken(before: Config, after: Config): Replacement {
    const { log } = this.#parts;
    const changes = configDifference(before, after);
    const exposed = exposures(before, after);
    const shownMax = 100;
    if (changes.length > 0) {
      const left = Math.max(0, changes.length - shownMax);
      log.info('config.changed', { changes: changes.slice(0, shownMax), left });
    }
    for (const detail of exposed) log.warn('config.exposed', { detail });
    return { kind: 'done', generation: this.#plan.generation, changes, exposures: exposed };
  }

  #farewell(keptRoutes: ReadonlySet<string> | null): DrainOrder {
    const timeoutMs = this.#config.drainTimeoutMs;
    return { timeoutMs, idleMs: idleDrainMsOf(timeoutMs), keptRoutes };
  }

  #spawn(place: number, plan: WorkerPlan): WorkerProcess {
    const child = fork(process.argv[1] ?? '', ['worker'], {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const handles = this.#handles.get(plan) ?? new Map<string, ListenHandle>();
    const setup = { place, plan, handles, ticketKeys: this.tickets.all() };
    const worker = new WorkerProcess(child, setup, this.#parts.events);
    this.#parts.log.debug('worker.started', { worker: place, pid: worker.pid });
    worker.link.answer(
      countTopic,
      (question) => this.shelf.answer(question as CountQuestion), // both ends are of one package
    );
    worker.link.answer(recentTopic, (body) => {
      const order = body as RecentOrder; // both ends are of one package
      return askWorkers(this.crew.serving, 'explain', order, notRemembered(order));
    });
    void worker.ended.then(() => this.#parts.events.ended(worker));
    return worker;
  }
}

function planOf(config: Config, files: FileSnapshot, generation: number): WorkerPlan {
  return {
    generation,
    configPath: config.path,
    files,
    drainTimeoutMs: config.drainTimeoutMs,
  };
}

function refused(error: unknown): Replacement {
  if (error instanceof Error && 'format' in error && typeof error.format === 'function') {
    return { kind: 'refused', text: String(error.format()) };
  }
  return { kind: 'refused', text: `${error instanceof Error ? error.message : String(error)}\n` };
}
