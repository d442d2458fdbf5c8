import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { freePorts } from './free-ports.ts';
import { planned, type GatewayYaml, type Plan } from './gateway-yaml.ts';
import { lane } from './lane.ts';
import { patientMs } from './patience.ts';
import { ask } from './raw-client.ts';
import { markSecurePort } from './secure-ports.ts';
import { waitFor, within } from './wait-for.ts';

export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface LaunchOptions {
  /** A command put in front, such as `prlimit --nofile=256:256`. */
  readonly wrapper?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where `src/main.ts` is, in place of this project. */
  readonly root?: string;
  /** What is waited for; `ready` unless said. */
  readonly until?: 'live' | 'ready';
}

/** One line of the access log. */
export type AccessLine = Readonly<Record<string, unknown>>;

/**
 * With clients in the clear, small writes always wait for the end of the turn, as they do under load; on the other lanes
 * they do as it comes, which is hardly ever with a test's few clients.
 */
function turnArguments(): readonly string[] {
  return lane === 'clear' ? ['--import', join(import.meta.dirname, 'busy-turns-main.ts')] : [];
}

/** A child process of the command line with all that it ever said. */
export class Process {
  readonly child: ChildProcess;
  readonly exit: Promise<Exit>;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], options: LaunchOptions = {}) {
    const [command, ...before] = [...(options.wrapper ?? []), process.execPath];
    if (command === undefined) throw new Error('no command');
    const turns = args[0] === 'start' && options.root === undefined ? turnArguments() : [];
    this.child = spawn(command, [...before, ...turns, 'src/main.ts', ...args], {
      cwd: options.root ?? projectRoot,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { child } = this;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.exit = once(child, 'close').then(() => ({
      code: child.exitCode,
      signal: child.signalCode,
    }));
  }

  get hasExited(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** SIGTERM, and SIGKILL to the same pid if that does not help. */
  async stop(graceMs = 5_000): Promise<Exit> {
    if (this.hasExited) return await this.exit;
    this.signal('SIGTERM');
    const timer = setTimeout(() => {
      this.signal('SIGKILL');
    }, patientMs(graceMs));
    try {
      return await this.exit;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A running gateway in a process of its own, started the way a user starts it. */
export class Gateway {
  readonly process: Process;
  readonly configPath: string;
  readonly #folder: string;
  readonly #ports: ReadonlyMap<string, number>;

  private constructor(
    process: Process,
    configPath: string,
    folder: string,
    ports: ReadonlyMap<string, number>,
  ) {
    this.process = process;
    this.configPath = configPath;
    this.#folder = folder;
    this.#ports = ports;
  }

  /** Starts the usual gateway (see `planned`). */
  static async planned(plan: Plan, options?: LaunchOptions): Promise<Gateway> {
    return await Gateway.start(planned(plan), options);
  }

  /** Every listener gets a free port, and so does the admin port; returns when `/readyz` says 200. */
  static async start(yaml: GatewayYaml, options: LaunchOptions = {}): Promise<Gateway> {
    for (let attempt = 1; ; attempt++) {
      const gateway = await Gateway.#launch(yaml, options);
      try {
        await gateway.#isUp(options.until === 'live' ? '/livez' : '/readyz');
        return gateway;
      } catch (cause) {
        const { stderr, stdout } = gateway.process;
        await gateway.stop();
        // Between our look and its bind somebody else may have taken the port.
        if (attempt < 5 && /in use|EADDRINUSE/.test(stderr + stdout)) continue;
        throw new Error(`the gateway does not start:\n${stdout}\n${stderr}`, { cause });
      }
    }
  }

  static async #launch(yaml: GatewayYaml, options: LaunchOptions): Promise<Gateway> {
    const names = [...Object.keys(yaml.listeners), 'admin'];
    const free = await freePorts(names.length);
    const ports = new Map(names.map((name, index) => [name, free[index] ?? 0]));
    const address = (name: string): string => `127.0.0.1:${String(ports.get(name))}`;
    const listeners = Object.entries(yaml.listeners).map(([name, listener]) => {
      const { address: fixed, ...rest } = listener;
      markSecurePort(ports.get(name) ?? 0, listener.tls !== undefined);
      return [name, { address: fixed ?? address(name), ...rest }] as const;
    });
    const whole = {
      ...yaml,
      listeners: Object.fromEntries(listeners),
      admin: { ...yaml.admin, address: address('admin') },
    };
    const folder = await mkdtemp(join(tmpdir(), 'portcullis-test-'));
    const configPath = join(folder, 'portcullis.yaml');
    // `{port:control}` in a setting is the port that the listener `control` got.
    const text = stringify(whole).replace(/\{port:(\w+)\}/g, (_, name: string) =>
      String(ports.get(name)),
    );
    await writeFile(configPath, text);
    const child = new Process(['start', '--config', configPath], options);
    return new Gateway(child, configPath, folder, ports);
  }

  /** The port of a listener. */
  port(listener: string): number {
    const port = this.#ports.get(listener);
    if (port === undefined) throw new Error(`no listener ${listener}`);
    return port;
  }

  get edge(): number {
    return this.port('edge');
  }

  get control(): number {
    return this.port('control');
  }

  get admin(): number {
    return this.port('admin');
  }

  get pid(): number {
    const { pid } = this.process.child;
    if (pid === undefined) throw new Error('the gateway has no process');
    return pid;
  }

  /** The value of a metric, summed over its labels; `labels` narrows it (`reason="x"`). */
  async metric(name: string, labels = ''): Promise<number> {
    const { body } = await ask(
      this.admin,
      'GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
    const found = body
      .toString('utf8')
      .split('\n')
      .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
      .filter((line) => line.includes(labels))
      .map((line) => Number(line.slice(line.lastIndexOf(' ') + 1)));
    return found.reduce((sum, value) => sum + value, 0);
  }

  /** The access log so far. */
  accessLines(): AccessLine[] {
    return this.process.stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as AccessLine) // JSON.parse knows no types
      .filter((line) => 'status' in line && 'method' in line);
  }

  /** Waits for the line of the access log that satisfies the condition. */
  async accessLine(what: string, condition: (line: AccessLine) => boolean): Promise<AccessLine> {
    await waitFor(`the access log line of ${what}`, () => this.accessLines().some(condition));
    return this.accessLines().find(condition) ?? {};
  }

  async stop(): Promise<Exit> {
    const exit = await this.process.stop();
    await rm(this.#folder, { recursive: true, force: true });
    return exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #isUp(path: string): Promise<void> {
    await waitFor(
      'the gateway to be ready',
      async () => {
        if (this.process.hasExited) throw new Error('the gateway ended before it was ready');
        try {
          const probe = ask(
            this.admin,
            `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
          );
          return (await within(path, probe)).status === 200;
        } catch {
          return false; // not listening yet
        }
      },
      40_000, // several processes on a busy machine
    );
  }
}
