import type { Clock } from '../../src/lib/clock.ts';
import { SteadyClient, type Fate } from './steady-client.ts';

export interface SteadyLoadOptions {
  readonly port: number;
  readonly path: string;
  readonly requestsPerSecond: number;
  readonly clock: Clock;
}

const TICK_MS = 5;
/** Of so many requests one comes on a connection of its own. */
const NEW_EVERY = 4;

/** Requests at a steady rate, whatever becomes of them; a quarter on new connections, the others on kept ones. */
export class SteadyLoad implements AsyncDisposable {
  readonly fates: Record<Fate, number> = { answered: 0, refused: 0, cut: 0, wrong: 0 };
  /** Of those that were not answered, by status or code. */
  readonly failures = new Map<string, number>();
  readonly #options: SteadyLoadOptions;
  readonly #kept: SteadyClient[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #startedAtMs: number;
  #sent = 0;
  #underWay = 0;
  #emptied: (() => void) | null = null;

  constructor(options: SteadyLoadOptions) {
    this.#options = options;
    this.#startedAtMs = options.clock.monotonic();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  get sent(): number {
    return this.#sent;
  }

  get failed(): number {
    const { refused, cut, wrong } = this.fates;
    return refused + cut + wrong;
  }

  /** Sends nothing more; resolves when the last answer is here. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#underWay > 0) {
      await new Promise<void>((resolve) => {
        this.#emptied = resolve;
      });
    }
    for (const client of this.#kept) client.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #tick(): void {
    const { clock, requestsPerSecond } = this.#options;
    const due = ((clock.monotonic() - this.#startedAtMs) * requestsPerSecond) / 1000;
    while (this.#sent < due) void this.#send();
  }

  async #send(): Promise<void> {
    const isKept = this.#sent++ % NEW_EVERY !== 0;
    this.#underWay++;
    const client = isKept ? this.#keptClient() : this.#client(false);
    const { detail, fate } = await client.send();
    this.fates[fate]++;
    if (fate !== 'answered') this.failures.set(detail, (this.failures.get(detail) ?? 0) + 1);
    if (isKept) {
      if (client.isFree) this.#kept.push(client);
    } else client.close();
    if (--this.#underWay === 0) this.#emptied?.();
  }

  #keptClient(): SteadyClient {
    // The one that has been idle longest: none is kept without being used.
    for (let client = this.#kept.shift(); client !== undefined; client = this.#kept.shift()) {
      if (client.isFree) return client;
    }
    return this.#client(true);
  }

  #client(isKept: boolean): SteadyClient {
    return new SteadyClient(this.#options.port, this.#options.path, isKept);
  }
}
