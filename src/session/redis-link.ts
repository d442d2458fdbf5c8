import { randomInt } from 'node:crypto';
import type { Redis } from 'ioredis';

/** Finds the primary and connects to it. Each attempt begins anew: addresses and passwords change. */
export type RedisConnect = () => Promise<Redis>;

export interface RedisLinkParts {
  readonly connect: RedisConnect;
  /** Told of every connection that came to be, and of why one was lost or did not. */
  readonly onUp?: (client: Redis) => void | Promise<void>;
  readonly onDown?: (error: unknown) => void;
}

const retryMsMin = 50;
const retryMsMax = 250;

/** Not connected, or connected to something that says it is no primary. */
export class RedisRefused extends Error {
  override readonly name = 'RedisRefused';
}

/** No answer in time; what was asked may have been done or not. */
export class RedisSilent extends Error {
  override readonly name = 'RedisSilent';
}

/** What a server says that is no primary, not yet or no longer: to be asked for elsewhere. */
const notPrimary =
  /^(?:READONLY|NOREPLICAS|LOADING|MASTERDOWN|MOVED|ASK|TRYAGAIN|CLUSTERDOWN|NOAUTH|NOPERM|WRONGPASS)\b/;

/**
 * One connection to the primary, made again whenever it is lost. Every connection learns first which process it speaks
 * to (`runId`). Nothing is queued while it is down: what is asked then is refused at once, and what was asked before is
 * never sent again.
 */
export class RedisLink {
  readonly #parts: RedisLinkParts;
  #client: Redis | null = null;
  #runId: string | null = null;
  #isStopped = true;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: RedisLinkParts) {
    this.#parts = parts;
  }

  /** Of the process at the other end; null while there is none. */
  get runId(): string | null {
    return this.#runId;
  }

  start(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    void this.#open();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#lose(null, this.#client);
  }

  /** Gives the connection up and makes another one. */
  drop(reason: unknown): void {
    this.#lose(reason, this.#client);
  }

  /** Rejects with `RedisRefused`, `RedisSilent`, or what the server said. */
  async call(
    timeoutMs: number,
    command: string,
    args: readonly (string | number)[],
  ): Promise<unknown> {
    const client = this.#client;
    if (client === null || this.#runId === null) throw new RedisRefused('not connected');
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new RedisSilent(`no answer to ${command}`)), timeoutMs);
    try {
      return await Promise.race([client.call(command, ...args), late]);
    } catch (error) {
      if (!(error instanceof Error) || !notPrimary.test(error.message)) throw error;
      this.#lose(error, client);
      throw new RedisRefused(error.message, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  async #open(): Promise<void> {
    let client: Redis | null = null;
    try {
      client = await this.#parts.connect();
      if (this.#isStopped) {
        client.disconnect();
        return;
      }
      this.#client = client;
      const made = client;
      made.on('close', () => this.#lose(new Error('the connection was closed'), made));
      const runId = /^run_id:(\w+)/m.exec(await made.info('server'))?.[1];
      if (runId === undefined) throw new Error('INFO server names no run_id');
      await this.#parts.onUp?.(made);
      if (this.#client === made) this.#runId = runId;
    } catch (error) {
      if (this.#client === client && client !== null) this.#lose(error, client);
      else if (!this.#isStopped) {
        client?.disconnect();
        this.#parts.onDown?.(error);
        this.#later();
      }
    }
  }

  #lose(reason: unknown, client: Redis | null): void {
    if (client === null || this.#client !== client) return;
    this.#client = null;
    this.#runId = null;
    client.disconnect();
    if (this.#isStopped) return;
    this.#parts.onDown?.(reason);
    this.#later();
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#open(), randomInt(retryMsMin, retryMsMax)).unref();
  }
}
