import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync, readFileSync } from 'node:fs';

export interface ChildOptions {
  /** Names it in messages. */
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  /** Where its output goes; the end of it is shown when it dies early. */
  readonly logPath: string;
  /** A channel for `process.send`; Node children only. */
  readonly hasChannel?: boolean;
  /** Beside our own environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

const stopGraceMs = 5_000;

/** A process that we started, and that ends with us: stopped by its own id, never by its name. */
export class Child {
  readonly name: string;
  readonly process: ChildProcess;
  readonly #logPath: string;
  readonly #ended: Promise<void>;

  constructor(options: ChildOptions) {
    this.name = options.name;
    this.#logPath = options.logPath;
    const log = openSync(options.logPath, 'a');
    const stdio: ('ignore' | 'ipc' | number)[] = ['ignore', log, log];
    if (options.hasChannel === true) stdio.push('ipc');
    const env = { ...process.env, ...options.environment };
    this.process = spawn(options.command, [...options.arguments], { stdio, env });
    closeSync(log);
    this.#ended = new Promise((resolve) => {
      this.process.once('exit', () => resolve());
      this.process.once('error', () => resolve());
    });
  }

  get pid(): number {
    const { pid } = this.process;
    if (pid === undefined) throw new Error(`${this.name} did not start: ${this.logTail()}`);
    return pid;
  }

  get hasEnded(): boolean {
    const { exitCode, signalCode, pid } = this.process;
    return exitCode !== null || signalCode !== null || pid === undefined;
  }

  /** Rejects as soon as the process is gone: to race against an answer that may then never come. */
  async untilEnded(): Promise<never> {
    await this.#ended;
    throw new Error(`${this.name} ended early.\n${this.logTail()}`);
  }

  /** The next message of a child with a channel. */
  async message(): Promise<unknown> {
    const waiting = new AbortController();
    try {
      const [message] = await Promise.race([
        once(this.process, 'message', { signal: waiting.signal }),
        this.untilEnded(),
      ]);
      return message;
    } finally {
      waiting.abort();
    }
  }

  /** What a child with a channel answers to a message. One at a time. */
  async tell(message: object | string): Promise<unknown> {
    const answer = this.message();
    this.process.send(message);
    return await answer;
  }

  logTail(): string {
    return readFileSync(this.#logPath, 'utf8').split('\n').slice(-30).join('\n').trim();
  }

  /** Asks it to end, and makes it end when it does not. */
  async stop(): Promise<void> {
    if (this.hasEnded) return;
    this.process.kill('SIGTERM');
    const timer = setTimeout(() => this.process.kill('SIGKILL'), stopGraceMs);
    await this.#ended;
    clearTimeout(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
