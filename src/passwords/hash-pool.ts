import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import type { PasswordsConfig } from '../config/passwords.ts';
import { systemClock, type Clock } from '../lib/clock.ts';
import type { KeyCheck, KeyCheckResult } from './check-key.ts';
import { HashTurn } from './hash-turn.ts';

/** Threads run sources in development and compiled files in the published package. */
const workerUrl = import.meta.url.endsWith('.ts')
  ? new URL('./hash-worker.ts', import.meta.url)
  : new URL('./hash-worker.js', import.meta.url);

/** Logins that come more often than that find a thread. */
const THREAD_IDLE_MS = 3_000;

/** The cheapest job there is: it shows that a thread has loaded. */
const probe: KeyCheck = Object.freeze({
  password: 'probe',
  derivation: Object.freeze({ algorithm: 'digest', digest: 'sha1', salt: new Uint8Array(8) }),
  key: new Uint8Array(20),
  mismatchMicroseconds: 0,
});

/** Of the newest login in what logins usually take. */
const usualWeight = 0.2;

/**
 * A thread looks for its compiled sources where this one has them. Without them it would make its own, and hold the
 * compiler (13 MiB a thread) to its end.
 */
function compileCacheSetting(): Readonly<Record<string, string>> {
  const folder = getCompileCacheDir();
  // Node names a folder of its version in the one that it was given.
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
}

interface WaitingCheck {
  readonly job: KeyCheck;
  readonly turn: HashTurn;
  readonly settle: (result: KeyCheckResult | 'unavailable') => void;
}

/**
 * The threads that hash passwords. A pool of our own, because the asynchronous forms of node:crypto
 * share four threads with DNS and files: a wave of logins would stall every connect to an upstream.
 * One thread begins at `start`, so that the first login after a restart is as quick as any other and a
 * pool that cannot work is known then; others begin when there is work for them. Each holds some 10 MiB and
 * is there again in less time than a hash takes, so one without work ends. It does not keep the process alive.
 *
 * The queue is ours, because a thread cannot be taken from a job: a job that finds the queue full, one
 * that would wait too long by what jobs take lately, one that did, and one that is still there at `stop`
 * is 'unavailable'.
 */
export class HashPool {
  readonly #config: PasswordsConfig;
  readonly #clock: Clock;
  readonly #onFault: (error: unknown) => void;
  #pool: Piscina<KeyCheck, KeyCheckResult> | null = null;
  #running = 0;
  /** By their turns. */
  #waiting: WaitingCheck[] = [];
  #timer: NodeJS.Timeout | null = null;
  /** What all checks of a login have taken lately, waiting not included; 0 before the first. */
  #usualMs = 0;
  #turns = 0;
  /** Nobody gives up before those ahead of him. */
  #lastDeadlineMs = 0;

  /** `onFault` hears of a thread that died or a job that threw; neither carries a password. */
  constructor(
    config: PasswordsConfig,
    onFault: (error: unknown) => void,
    clock: Clock = systemClock,
  ) {
    this.#config = config;
    this.#onFault = onFault;
    this.#clock = clock;
  }

  /** Resolves when the first thread has loaded; rejects, leaving nothing behind, when it cannot. */
  async start(): Promise<void> {
    if (this.#pool !== null) return;
    const pool = new Piscina<KeyCheck, KeyCheckResult>({
      filename: fileURLToPath(workerUrl),
      name: 'checkKey',
      minThreads: 0,
      maxThreads: this.#config.threads,
      idleTimeout: THREAD_IDLE_MS,
      // Nothing waits there: `checkKey` hands over what a thread is free for.
      maxQueue: Infinity,
      // A debugger's or a profiler's options are the main thread's; secrets in the environment too.
      execArgv: [],
      env: compileCacheSetting(),
      recordTiming: false,
    });
    pool.on('error', this.#onFault);
    this.#pool = pool;
    try {
      await pool.run(probe);
    } catch (cause) {
      await this.stop();
      throw new Error('the threads that hash passwords do not start', { cause });
    }
  }

  /**
   * Ends now: what still waits or runs becomes 'unavailable'. May be called again, and before
   * `start`.
   */
  async stop(): Promise<void> {
    const pool = this.#pool;
    this.#pool = null;
    for (const { settle } of this.#waiting.splice(0)) settle('unavailable');
    this.#arm();
    await pool?.destroy();
  }

  /** Jobs that run or wait. */
  get pendingJobs(): number {
    return this.#running + this.#waiting.length;
  }

  /** Whether the first check of a login that came now would be turned away. */
  get isFull(): boolean {
    const { queueMax, threads } = this.#config;
    if (this.#running < threads) return false;
    const waitMs = ((this.#waiting.length + 1) * this.#usualMs) / threads;
    return this.#waiting.length >= queueMax || waitMs > this.#waitMsMax;
  }

  /** The checks themselves are a part of what somebody waits for. */
  get #waitMsMax(): number {
    return this.#config.queueTimeoutMs - this.#usualMs;
  }

  /** Every login has a `turn` of its own for all its checks; without one this is its only one. */
  async checkKey(job: KeyCheck, turn?: HashTurn): Promise<KeyCheckResult | 'unavailable'> {
    if (turn !== undefined) return await this.#check(job, turn);
    const own = new HashTurn();
    try {
      return await this.#check(job, own);
    } finally {
      own.end();
    }
  }

  #ended(spentMs: number): void {
    if (spentMs === 0) return;
    this.#usualMs += (spentMs - this.#usualMs) * (this.#usualMs === 0 ? 1 : usualWeight);
  }

  async #check(job: KeyCheck, turn: HashTurn): Promise<KeyCheckResult | 'unavailable'> {
    if (this.#pool === null) return 'unavailable';
    if (turn.number === null) {
      if (this.isFull) return 'unavailable';
      turn.number = this.#turns++;
      turn.onEnd = (spentMs) => this.#ended(spentMs);
      const ownMs = this.#clock.monotonic() + this.#waitMsMax;
      this.#lastDeadlineMs = turn.deadlineMs = Math.max(ownMs, this.#lastDeadlineMs);
    }
    if (this.#running < this.#config.threads) return await this.#run(job, turn);
    const { promise, resolve } = Promise.withResolvers<KeyCheckResult | 'unavailable'>();
    this.#queue({ job, turn, settle: resolve });
    return await promise;
  }

  #queue(check: WaitingCheck): void {
    const number = check.turn.number ?? Infinity;
    const before = this.#waiting.findLastIndex(({ turn }) => (turn.number ?? 0) <= number);
    this.#waiting.splice(before + 1, 0, check);
    this.#arm();
  }

  async #run(job: KeyCheck, turn: HashTurn): Promise<KeyCheckResult | 'unavailable'> {
    const pool = this.#pool;
    if (pool === null) return 'unavailable';
    this.#running += 1;
    const begunMs = this.#clock.monotonic();
    try {
      return await pool.run(job);
    } catch (error) {
      if (this.#pool === pool) this.#onFault(error);
      return 'unavailable';
    } finally {
      this.#running -= 1;
      turn.spentMs += this.#clock.monotonic() - begunMs;
      this.#next();
    }
  }

  #next(): void {
    const next = this.#waiting.shift();
    this.#arm();
    if (next !== undefined) void this.#run(next.job, next.turn).then(next.settle);
  }

  /** Those whose time is over are told so. */
  #expire(): void {
    const nowMs = this.#clock.monotonic();
    const firstInTime = this.#waiting.findIndex(({ turn }) => turn.deadlineMs > nowMs);
    const late = this.#waiting.splice(0, firstInTime === -1 ? this.#waiting.length : firstInTime);
    for (const { settle, turn } of late) {
      turn.spentMs = 0; // It says nothing of what a login takes.
      settle('unavailable');
    }
    this.#arm();
  }

  #arm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const [oldest] = this.#waiting;
    if (oldest === undefined) return;
    const leftMs = Math.max(1, oldest.turn.deadlineMs - this.#clock.monotonic());
    this.#timer = setTimeout(() => this.#expire(), leftMs).unref();
  }
}
