import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePorts } from './free-ports.ts';
import { waitFor } from './wait-for.ts';

/** The server to test with: Valkey's can be put in the place of Redis. */
const binary = process.env['PORTCULLIS_REDIS_SERVER'] ?? 'redis-server';

export interface RedisServerOptions {
  /** Further arguments, such as `['--appendonly', 'yes']`. */
  readonly args?: readonly string[];
  readonly port?: number;
  /** How our own commands get in. */
  readonly auth?: { readonly username?: string; readonly password: string };
}

/** A real Redis on a free port of the loopback, in a folder of its own. */
export class RedisServer implements AsyncDisposable {
  readonly port: number;
  /** Where nodes of a cluster talk to each other; its own default may be somebody's port. */
  readonly busPort: number;
  readonly folder: string;
  args: readonly string[];
  /** Arguments in front of all others, such as a file. */
  before: readonly string[] = [];
  auth: RedisServerOptions['auth'];
  /** Where our own commands go; the port itself unless that speaks TLS. */
  plainPort: number;
  #child: ChildProcess | undefined;
  #said = '';

  private constructor(
    [port = 0, busPort = 0]: readonly number[],
    folder: string,
    options: RedisServerOptions,
  ) {
    this.port = port;
    this.busPort = busPort;
    this.folder = folder;
    this.args = options.args ?? [];
    this.auth = options.auth;
    this.plainPort = port;
  }

  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'portcullis-redis-'));
    const [free = 0, bus = 0] = await freePorts(2);
    const server = new RedisServer([options.port ?? free, bus], folder, options);
    await server.launch();
    return server;
  }

  /** A folder and a port, and nobody there yet. */
  static async reserve(options: RedisServerOptions = {}): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'portcullis-redis-'));
    return new RedisServer(await freePorts(2), folder, options);
  }

  get address(): string {
    return `127.0.0.1:${String(this.port)}`;
  }

  get said(): string {
    return this.#said;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts the process, also again after it was killed. */
  async launch(): Promise<void> {
    const base = ['--port', String(this.port), '--bind', '127.0.0.1'];
    // A sentinel knows nothing of snapshots.
    const save = this.before.length > 0 ? [] : ['--save', ''];
    const bus = this.args.includes('--cluster-enabled')
      ? ['--cluster-port', String(this.busPort)]
      : [];
    const args = [...this.before, ...base, ...save, ...bus, '--dir', this.folder, ...this.args];
    const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const hear = (text: string): void => {
      this.#said += text;
    };
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
    this.#child = child;
    await waitFor(
      'Redis to listen',
      async () => {
        if (child.exitCode !== null) throw new Error(`Redis does not start: ${this.#said}`);
        try {
          return String(await this.command('PING')) === 'PONG';
        } catch (error) {
          return /NOAUTH|NOPERM|WRONGPASS/.test(String(error));
        }
      },
      10_000,
    );
  }

  /** One command on a connection of its own. */
  async command(name: string, ...args: readonly (string | number)[]): Promise<unknown> {
    const client = new Redis({
      port: this.plainPort,
      host: '127.0.0.1',
      lazyConnect: true,
      retryStrategy: null,
      maxRetriesPerRequest: 0,
      enableReadyCheck: false,
      ...this.auth,
    });
    let failure: unknown = null;
    client.on('error', (error: unknown) => {
      failure = error;
    });
    try {
      await client.connect();
      return await client.call(name, ...args);
    } catch (error) {
      throw failure ?? error;
    } finally {
      client.disconnect();
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'close');
    child.kill('SIGKILL');
    await gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}
