import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { quietThread } from '../lib/quiet-sqlite.ts';
import { settleWithin } from '../lib/settle-within.ts';
import type { SessionWrite, SessionWriteAnswer, SessionWrites } from './session-writes.ts';
import { SqliteFailure } from './sqlite-failure.ts';
import { writePatienceOf } from './write-patience.ts';
import type { WriteRequest, WriterReply, WriterThreadStart } from './writer-messages.ts';

/** Threads run sources in development and compiled files in the published package. */
const threadUrl = import.meta.url.endsWith('.ts')
  ? new URL('./writer-main.ts', import.meta.url)
  : new URL('./writer-main.js', import.meta.url);

/** For what was asked before. */
const stopMs = 2_000;
/** Under way at once; more than that come from a flood. */
const writesMax = 10_000;

type Settle = (answer: SessionWriteAnswer) => void;

/**
 * The one writer, in a thread of its own: a commit waits for the disk, a lock for another process, and no request waits
 * for either. A thread that died is begun again by the next write.
 */
export class WriterThread implements SessionWrites {
  readonly #path: string;
  #worker: Worker | null = null;
  #starting: Promise<void> | null = null;
  #isStopped = false;
  readonly #waiting = new Map<number, Settle>();
  #lastId = 0;

  constructor(path: string) {
    this.#path = path;
  }

  start(): Promise<void> {
    this.#isStopped = false;
    return this.#open();
  }

  async perform(write: SessionWrite): Promise<SessionWriteAnswer> {
    if (this.#waiting.size >= writesMax) {
      return { kind: 'failed', sentence: 'too many writes wait for the session file' };
    }
    if (!this.#isStopped) await this.#open();
    const worker = this.#worker;
    if (worker === null) return { kind: 'failed', sentence: 'the session file is closed' };
    this.#lastId += 1;
    const request: WriteRequest = { id: this.#lastId, write };
    const { promise, resolve } = Promise.withResolvers<SessionWriteAnswer>();
    this.#waiting.set(request.id, resolve);
    worker.postMessage(request);
    try {
      return await settleWithin(promise, writePatienceOf(write));
    } catch (cause) {
      throw new SqliteFailure(`the session file ${this.#path} does not answer`, { cause });
    } finally {
      this.#waiting.delete(request.id);
    }
  }

  /** What was asked before is done first. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const worker = this.#worker;
    this.#worker = null;
    if (worker === null) return;
    const ended = once(worker, 'exit');
    worker.postMessage('stop');
    try {
      await settleWithin(ended, stopMs);
    } catch {
      await worker.terminate();
    }
    this.#starting = null;
  }

  #open(): Promise<void> {
    this.#starting ??= this.#start().catch((error: unknown) => {
      this.#starting = null;
      throw error;
    });
    return this.#starting;
  }

  async #start(): Promise<void> {
    const { promise: isOpen, reject, resolve } = Promise.withResolvers<void>();
    const workerData: WriterThreadStart = { path: this.#path };
    // A debugger's or a profiler's options are the main thread's; secrets in the environment too.
    const worker = new Worker(threadUrl, { workerData, execArgv: [...quietThread], env: {} });
    worker.on('message', (reply: WriterReply) => {
      if (reply.kind === 'answers') this.#settle(reply.answers);
      else if (reply.kind === 'open') resolve();
      else reject(new SqliteFailure(reply.sentence));
    });
    worker.on('error', reject);
    worker.on('exit', () => {
      reject(new SqliteFailure(`the writer of the session file ${this.#path} ended`));
      if (this.#worker === worker) this.#worker = null;
      this.#starting = null;
      this.#failAll();
    });
    await isOpen;
    this.#worker = worker;
  }

  #settle(answers: Extract<WriterReply, { kind: 'answers' }>['answers']): void {
    for (const [id, answer] of answers) this.#waiting.get(id)?.(answer);
  }

  #failAll(): void {
    for (const settle of this.#waiting.values()) {
      settle({ kind: 'failed', sentence: 'the writer of the session file ended' });
    }
  }
}
