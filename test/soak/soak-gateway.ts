import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ask } from '../../bench/processes/ask.ts';
import type { BenchCertificate } from '../../bench/processes/bench-certificate.ts';
import { benchUsers, cheapHash } from '../../bench/processes/bench-users.ts';
import { Child } from '../../bench/processes/child.ts';
import { freePorts } from '../../bench/processes/free-ports.ts';
import { waitFor } from '../support/wait-for.ts';
import { heldBy, untilSteady, type Held } from './held.ts';

export interface SoakGatewayOptions {
  readonly name: string;
  readonly workers: number;
  readonly folder: string;
  readonly upstreamPort: number;
  readonly echoPort: number;
  readonly certificate: BenchCertificate;
}

const mainFile = join(import.meta.dirname, '../../src/main.ts');
const heldMain = pathToFileURL(join(import.meta.dirname, 'held-main.ts')).href;
const secret = 'c29ha2luZyBrZWVwcyBhIGdhdGV3YXkgd2V0IGZvciBob3Vycw';
const users = benchUsers.map(({ password, ...user }) => ({
  ...user,
  password: cheapHash(password),
}));

/** A gateway that is soaked: a session file, a clear and a TLS listener, WebSockets. */
export class SoakGateway {
  readonly name: string;
  readonly edgePort: number;
  readonly securePort: number;
  readonly #options: SoakGatewayOptions;
  readonly #adminPort: number;
  readonly #configPath: string;
  readonly #child: Child;
  #generation = 1;

  private constructor(options: SoakGatewayOptions, ports: readonly number[]) {
    const [edgePort = 0, securePort = 0, adminPort = 0] = ports;
    this.name = options.name;
    this.edgePort = edgePort;
    this.securePort = securePort;
    this.#options = options;
    this.#adminPort = adminPort;
    this.#configPath = join(options.folder, `${options.name}.yaml`);
    this.#writeConfig();
    this.#child = new Child({
      name: `the gateway (${options.name})`,
      command: process.execPath,
      arguments: ['--import', heldMain, mainFile, 'start', '--config', this.#configPath],
      logPath: join(options.folder, `${options.name}.log`),
      environment: { PORTCULLIS_SOAK_FOLDER: options.folder },
    });
  }

  static async start(options: SoakGatewayOptions): Promise<SoakGateway> {
    const gateway = new SoakGateway(options, await freePorts(3));
    try {
      await gateway.#untilReady();
    } catch (error) {
      const tail = gateway.#child.logTail();
      await gateway.#child.stop();
      throw new Error(`the gateway is not ready:\n${tail}`, { cause: error });
    }
    return gateway;
  }

  get hasEnded(): boolean {
    return this.#child.hasEnded;
  }

  get canBeReplaced(): boolean {
    return this.#options.workers > 1;
  }

  /** Takes a configuration that differs, by all workers one after the other. */
  async replace(): Promise<void> {
    this.#generation += 1;
    this.#writeConfig();
    this.#child.process.kill('SIGHUP');
    await this.#untilReady();
  }

  /** What it holds when nobody asks it anything any more. */
  async atRest(): Promise<Held> {
    try {
      await waitFor(`${this.name} to come to rest`, () => this.#isAtRest(), 60_000);
    } catch (cause) {
      const open = (await this.#metrics()).filter((line) =>
        /_active|_in_flight|_open|^portcullis_workers/.test(line),
      );
      throw new Error(`${this.name} does not come to rest:\n${open.join('\n')}`, { cause });
    }
    await untilSteady(this.#child.pid);
    return await heldBy(this.#child.pid, this.#options.folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stop();
  }

  async #isAtRest(): Promise<boolean> {
    const open = await this.#sums([
      'portcullis_connections_active',
      'portcullis_upstream_connections_open',
      'portcullis_workers{state="retiring"}',
    ]);
    return open.every((value) => value === 0);
  }

  async #untilReady(): Promise<void> {
    const isReady = async (): Promise<boolean> => {
      if (this.#child.hasEnded) await this.#child.untilEnded();
      try {
        const ready = await ask({ port: this.#adminPort, path: '/readyz' });
        const [generation] = await this.#sums(['portcullis_config_generation']);
        return ready.status === 200 && (generation ?? 0) >= this.#generation;
      } catch {
        return false; // not listening yet
      }
    };
    await waitFor(`${this.name} to be ready`, isReady, 60_000);
  }

  async #metrics(): Promise<readonly string[]> {
    return (await ask({ port: this.#adminPort, path: '/metrics' })).body.split('\n');
  }

  async #sums(starts: readonly string[]): Promise<number[]> {
    const lines = await this.#metrics();
    return starts.map((start) =>
      lines
        .filter((line) => line.startsWith(start))
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0),
    );
  }

  #writeConfig(): void {
    const { certificate, echoPort, folder, name, upstreamPort, workers } = this.#options;
    const routes = [
      { exactPath: '/auth/login', methods: ['POST'], endpoint: 'login' },
      { exactPath: '/auth/logout', endpoint: 'logout' },
      { exactPath: '/api/echo', upstream: 'echo', webSockets: true },
      { path: '/api/storm/', upstream: 'storm' },
      { path: '/api/', upstream: 'app' },
    ];
    const limits = { connectionsPerAddressMax: 0 };
    // Short, so that what is only waiting for its time does not look forgotten.
    const timeouts = { head: '5s', keepAlive: '5s', linger: '1s' };
    const servers = [`127.0.0.1:${String(upstreamPort)}`];
    const quick = { keepAlive: '1s' };
    const config = {
      workers,
      // What makes one configuration another.
      drainTimeout: `${String(30_000 + this.#generation)}ms`,
      // Written, and not kept: an hour of it would fill a disk.
      accessLog: { path: '/dev/null' },
      log: { level: 'warn' },
      admin: { address: `127.0.0.1:${String(this.#adminPort)}` },
      control: { socket: join(folder, `${name}.sock`) },
      listeners: {
        edge: { address: `127.0.0.1:${String(this.edgePort)}`, limits, timeouts, routes },
        secure: {
          address: `127.0.0.1:${String(this.securePort)}`,
          tls: { certificates: [certificate] },
          limits,
          timeouts,
          routes,
        },
      },
      upstreams: {
        app: { servers, ...quick },
        // What is silent there is so on purpose.
        storm: { servers, firstByteTimeout: '1s', ...quick },
        echo: { servers: [`127.0.0.1:${String(echoPort)}`], ...quick },
      },
      sessions: { store: { type: 'sqlite', path: join(folder, `${name}.db`) } },
      tokens: { keys: [{ id: 'soak', secret }] },
      directories: { soak: { type: 'static', users } },
    };
    writeFileSync(this.#configPath, JSON.stringify(config), { mode: 0o600 });
  }
}
