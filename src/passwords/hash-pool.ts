import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import type { PasswordsConfig } from '../config/passwords.ts';
import { systemClock, type Clock } from '../lib/clock.ts';
import type { KeyCheck, KeyCheckResult } from './check-key.ts';

/** Threads run sources in development and compiled files in the published package. */
const workerUrl = import.meta.url.endsWith('.ts')
  ? new URL('./hash-worker.ts', import.meta.url)
  : new URL('./hash-worker.js', import.meta.url);

/** The cheapest job there is: it shows that a thread has loaded. */
const probe: KeyCheck = Object.freeze({
  password: 'probe',
  derivation: Object.freeze({ algorithm: 'digest', digest: 'sha1', salt: new Uint8Array(8) }),
  key: new Uint8Array(20),
  mismatchMicroseconds: 0,
});

/** Of the newest check in what checks usually take. */
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
  readonly deadlineMs: number;
  readonly settle: (result: KeyCheckResult | 'unavailable') => void;
}

/**
 * The threads that hash passwords. A pool of our own, because the asynchronous forms of node:crypto
 * share four threads with DNS and files: a wave of logins would stall every connect to an upstream.
 * One thread begins at `start`, so that the first login after a restart is as quick as any other and a
 * pool that cannot work is known then; the others begin when there is work for them, and stay, for each
 * holds some 10 MiB. An idle one does not keep the process alive.
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
  /** The oldest first, and nobody gives up before those ahead of him. */
  #waiting: WaitingCheck[] = [];
  #timer: NodeJS.Timeout | null = null;
  /** What a check has taken lately, waiting not included; 0 before the first. */
  #usualMs = 0;

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
      minThreads: 1,
      maxThreads: this.#config.threads,
      idleTimeout: Infinity,
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

  /** Whether a check that came now would be turned away. */
  get isFull(): boolean {
    const { queueMax, threads } = this.#config;
    if (this.#running < threads) return false;
    const waitMs = ((this.#waiting.length + 1) * this.#usualMs) / threads;
    return this.#waiting.length >= queueMax || waitMs > this.#waitMsMax;
  }

  /** The check itself is a part of what somebody waits for. */
  get #waitMsMax(): number {
    return this.#config.queueTimeoutMs - this.#usualMs;
  }

  async checkKey(job: KeyCheck): Promise<KeyCheckResult | 'unavailable'> {
    if (this.#pool === null) return 'unavailable';
    if (this.#running < this.#config.threads) return await this.#run(job);
    if (this.isFull) return 'unavailable';
    const { promise, resolve } = Promise.withResolvers<KeyCheckResult | 'unavailable'>();
    const ownMs = this.#clock.monotonic() + this.#waitMsMax;
    const deadlineMs = Math.max(ownMs, this.#waiting.at(-1)?.deadlineMs ?? 0);
    this.#waiting.push({ job, deadlineMs, settle: resolve });
    this.#arm();
    return await promise;
  }

  async #run(job: KeyCheck): Promise<KeyCheckResult | 'unavailable'> {
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
      const takenMs = this.#clock.monotonic() - begunMs;
      this.#usualMs += (takenMs - this.#usualMs) * (this.#usualMs === 0 ? 1 : usualWeight);
      this.#next();
    }
  }

  #next(): void {
    const next = this.#waiting.shift();
    this.#arm();
    if (next !== undefined) void this.#run(next.job).then(next.settle);
  }

  /** Those whose time is over are told so. */
  #expire(): void {
    const nowMs = this.#clock.monotonic();
    const firstInTime = this.#waiting.findIndex(({ deadlineMs }) => deadlineMs > nowMs);
    const late = this.#waiting.splice(0, firstInTime === -1 ? this.#waiting.length : firstInTime);
    for (const { settle } of late) settle('unavailable');
    this.#arm();
  }

  #arm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const [oldest] = this.#waiting;
    if (oldest === undefined) return;
    const leftMs = Math.max(1, oldest.deadlineMs - this.#clock.monotonic());
    this.#timer = setTimeout(() => this.#expire(), leftMs).unref();
  }
}
