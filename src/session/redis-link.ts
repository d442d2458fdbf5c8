import { randomInt } from 'node:crypto';
import type { Redis } from 'ioredis';

/** Finds the primary and connects to it. Each attempt begins anew: addresses and passwords change. */
export type RedisConnect = () => Promise<Redis>;

export interface RedisLinkParts {
  readonly connect: RedisConnect;
  /** Told of every connection that came to be, and of why one was lost or did not. */
  readonly onUp?: (client: Redis) => void | Promise<void>;
  readonly onDown?: (error: unknown) => void;
  /** How long a new connection may take until it can be used. */
  readonly openMs?: number;
  /** How long nothing at all may be answered after a call that had none in time. */
  readonly silenceMs?: number;
}

const openMsUsual = 2_000;
const silenceMsUsual = 1_000;
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
  /** Runs from the first call without an answer in time to whatever is answered next. */
  #silence: NodeJS.Timeout | undefined;

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
      const answer = client.call(command, ...args);
      const heard = (): void => this.#heard(client);
      // A late one counts, too: the server is slow then, and the way to it open.
      answer.then(heard, heard);
      return await Promise.race([answer, late]);
    } catch (error) {
      if (error instanceof RedisSilent) this.#doubt(error, client);
      if (!(error instanceof Error) || !notPrimary.test(error.message)) throw error;
      this.#lose(error, client);
      throw new RedisRefused(error.message, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  #heard(client: Redis): void {
    if (this.#client !== client) return;
    clearTimeout(this.#silence);
    this.#silence = undefined;
  }

  /** A flow may be dropped on its way while all others pass; TCP notices after a quarter of an hour. */
  #doubt(reason: RedisSilent, client: Redis): void {
    if (this.#client !== client || this.#silence !== undefined) return;
    const silenceMs = this.#parts.silenceMs ?? silenceMsUsual;
    this.#silence = setTimeout(() => this.#lose(reason, client), silenceMs).unref();
  }

  async #open(): Promise<void> {
    let client: Redis | null = null;
    let timer: NodeJS.Timeout | undefined;
    try {
      client = await this.#parts.connect();
      if (this.#isStopped) {
        client.disconnect();
        return;
      }
      this.#client = client;
      const made = client;
      // Somebody may accept connections and say nothing: a frozen server, or a machine that has just died.
      timer = setTimeout(() => made.disconnect(), this.#parts.openMs ?? openMsUsual);
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
    } finally {
      clearTimeout(timer);
    }
  }

  #lose(reason: unknown, client: Redis | null): void {
    if (client === null || this.#client !== client) return;
    this.#client = null;
    this.#runId = null;
    clearTimeout(this.#silence);
    this.#silence = undefined;
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
