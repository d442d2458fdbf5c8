/** How a process is to finish what it has. */
export interface DrainOrder {
  /** What is still under way then is cut; but for what may stay. */
  readonly timeoutMs: number;
  /**
   * How long an idle connection may still send a request, which is answered and is the last one. Of use where others take
   * over: a client does not see the end of a connection coming, and would lose what it sends into it.
   */
  readonly idleMs: number;
  /** Ids of routes whose exchanges and sockets may go on for as long as they like; null: of none. */
  readonly keptRoutes: ReadonlySet<string> | null;
}

/** Something that begins and ends: a listener, a store, a pool, a timer. */
export interface Service {
  /** For messages: `listener edge`, `session store`. */
  readonly name: string;
  start?(): void | Promise<void>;
  /** Refuses what is new and finishes what there is; resolves when nothing is left. */
  drain?(order: DrainOrder): void | Promise<void>;
  /** Ends now, drained or not. */
  stop?(): void | Promise<void>;
}

/** What happened to one service; the cause is what it threw. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly service: string;

  constructor(service: string, deed: 'start' | 'drain' | 'stop', cause: unknown) {
    super(
      `${service} does not ${deed}: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    );
    this.service = service;
  }
}

/** Whether everything was finished before the deadline. */
export type DrainResult = 'finished' | 'cut';

/** Services as one: started in order, stopped in reverse, also when the third of five fails to start. */
export class Services {
  readonly #services: readonly Service[];
  readonly #onFault: (error: ServiceError) => void;
  readonly #started: Service[] = [];
  #stopping: Promise<void> | null = null;

  /** `onFault` hears of what failed while it was drained or stopped: that stops nobody else's end. */
  constructor(services: readonly Service[], onFault: (error: ServiceError) => void) {
    this.#services = services;
    this.#onFault = onFault;
  }

  /** Rejects with the `ServiceError` of the first that failed, after those before it were stopped. */
  async start(): Promise<void> {
    for (const service of this.#services) {
      // One after another on purpose: a later one may need an earlier one.
      try {
        await service.start?.();
      } catch (cause) {
        await this.stop();
        throw new ServiceError(service.name, 'start', cause);
      }
      if (this.#stopping !== null) {
        // Told to stop in the middle of the start: what has just begun was not there to be stopped.
        await this.#stopOne(service);
        throw new ServiceError(service.name, 'start', new Error('stopped meanwhile'));
      }
      this.#started.push(service);
    }
  }

  /** All at once, because each refuses new work from the first moment on. Gives up at the deadline. */
  async drain(order: DrainOrder): Promise<DrainResult> {
    const { promise: late, resolve } = Promise.withResolvers<DrainResult>();
    // What may stay has no deadline; who holds it cuts the rest.
    const timer =
      order.keptRoutes === null ? setTimeout(resolve, order.timeoutMs, 'cut') : undefined;
    const drained = Promise.all(this.#started.map((service) => this.#drainOne(service, order)));
    const result = await Promise.race([drained.then(() => 'finished' as const), late]);
    clearTimeout(timer);
    return result;
  }

  /** Idempotent; every call resolves when all have ended. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    for (const service of this.#started.toReversed()) await this.#stopOne(service);
  }

  async #drainOne(service: Service, order: DrainOrder): Promise<void> {
    try {
      await service.drain?.(order);
    } catch (cause) {
      this.#onFault(new ServiceError(service.name, 'drain', cause));
    }
  }

  async #stopOne(service: Service): Promise<void> {
    try {
      await service.stop?.();
    } catch (cause) {
      this.#onFault(new ServiceError(service.name, 'stop', cause));
    }
  }
}
