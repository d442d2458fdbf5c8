import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { systemClock } from '../../src/lib/clock.ts';
import { Child } from './child.ts';
import { onCore } from './core-plan.ts';
import { freePorts } from './free-ports.ts';
import { poll } from './poll.ts';

export interface RedisProcessOptions {
  /** Names its folder; `redis` where there is one. */
  readonly name?: string;
  readonly directory: string;
  readonly core: number | null;
  readonly signal: AbortSignal;
}

const startTimeoutMs = 10_000;

/** A Redis for one run, on a free port of the loopback, that keeps nothing. */
export class RedisProcess implements AsyncDisposable {
  readonly port: number;
  readonly #child: Child;

  private constructor(port: number, child: Child) {
    this.port = port;
    this.#child = child;
  }

  static async start(options: RedisProcessOptions): Promise<RedisProcess> {
    const { core, directory, name = 'redis', signal } = options;
    const [port = 0] = await freePorts(1);
    const folder = join(directory, name);
    mkdirSync(folder, { recursive: true });
    const binary = process.env['PORTCULLIS_REDIS_SERVER'] ?? 'redis-server';
    const where = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
    const [command = '', ...rest] = onCore(core, [binary, ...where]);
    const logPath = join(directory, `${name}.log`);
    const child = new Child({ name: 'Redis', command, arguments: rest, logPath });
    const redis = new RedisProcess(port, child);
    const isThere = async (): Promise<boolean> => {
      if (child.hasEnded) {
        throw new Error(`there is no ${binary} that starts (Debian: apt-get install redis-server)`);
      }
      return await redis.command('PING').then(
        (answer) => answer === 'PONG',
        () => false,
      );
    };
    try {
      const patience = { clock: systemClock, timeoutMs: startTimeoutMs, intervalMs: 50, signal };
      if (!(await poll(isThere, patience))) throw new Error('Redis does not answer');
    } catch (error) {
      await child.stop();
      throw error;
    }
    return redis;
  }

  get address(): string {
    return `127.0.0.1:${String(this.port)}`;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** One command on a connection of its own. */
  async command(name: string, ...args: readonly (string | number)[]): Promise<unknown> {
    const client = this.#client();
    try {
      await client.connect();
      return await client.call(name, ...args);
    } finally {
      client.disconnect();
    }
  }

  /** How many commands clients send meanwhile; what scripts do is theirs. */
  async commandsWithin(ms: number, signal: AbortSignal): Promise<number> {
    const client = this.#client();
    try {
      await client.connect();
      const monitor = await client.monitor();
      try {
        let commands = 0;
        monitor.on('monitor', (_time: string, _args: unknown, source: string) => {
          if (source !== 'lua') commands += 1;
        });
        await pause(ms, undefined, { signal });
        return commands;
      } finally {
        monitor.disconnect();
      }
    } finally {
      client.disconnect();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stop();
  }

  #client(): Redis {
    const client = new Redis({
      port: this.port,
      host: '127.0.0.1',
      lazyConnect: true,
      retryStrategy: null,
      maxRetriesPerRequest: 0,
    });
    client.on('error', () => {});
    return client;
  }
}
