import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import type { PasswordsConfig } from '../config/passwords.ts';
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

/**
 * The threads that hash passwords. A pool of our own, because the asynchronous forms of node:crypto
 * share four threads with DNS and files: a wave of logins would stall every connect to an upstream.
 * All threads begin at `start`, so that the first login after a restart is as quick as any other;
 * an idle one does not keep the process alive.
 *
 * A job that finds the queue full, and one that is still there at `stop`, is 'unavailable'.
 */
export class HashPool {
  readonly #threads: number;
  readonly #jobsMax: number;
  readonly #onFault: (error: unknown) => void;
  #pool: Piscina<KeyCheck, KeyCheckResult> | null = null;
  #pending = 0;

  /** `onFault` hears of a thread that died or a job that threw; neither carries a password. */
  constructor(config: PasswordsConfig, onFault: (error: unknown) => void) {
    this.#threads = config.threads;
    this.#jobsMax = config.threads + config.queueMax;
    this.#onFault = onFault;
  }

  /** Resolves when every thread has loaded; rejects, leaving nothing behind, when one cannot. */
  async start(): Promise<void> {
    if (this.#pool !== null) return;
    const pool = new Piscina<KeyCheck, KeyCheckResult>({
      filename: fileURLToPath(workerUrl),
      name: 'checkKey',
      minThreads: this.#threads,
      maxThreads: this.#threads,
      idleTimeout: Infinity,
      // The bound is counted here, in `checkKey`: piscina lets the first job of a full pool wait
      // whatever its limit is.
      maxQueue: Infinity,
      // Without it a job that finds all threads busy goes back to the end of the queue.
      stricterFIFO: true,
      // A debugger's or a profiler's options are the main thread's; secrets in the environment too.
      execArgv: [],
      env: {},
      recordTiming: false,
    });
    pool.on('error', this.#onFault);
    this.#pool = pool;
    try {
      await Promise.all(Array.from({ length: this.#threads }, () => pool.run(probe)));
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
    await pool?.destroy();
  }

  /** Jobs that run or wait. */
  get pendingJobs(): number {
    return this.#pending;
  }

  async checkKey(job: KeyCheck): Promise<KeyCheckResult | 'unavailable'> {
    const pool = this.#pool;
    if (pool === null || this.#pending >= this.#jobsMax) return 'unavailable';
    this.#pending += 1;
    try {
      return await pool.run(job);
    } catch (error) {
      if (this.#pool === pool) this.#onFault(error);
      return 'unavailable';
    } finally {
      this.#pending -= 1;
    }
  }
}
