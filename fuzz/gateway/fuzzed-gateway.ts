import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ask } from '../../bench/processes/ask.ts';
import { metricSum, readMetrics, type MetricSample } from '../../bench/processes/metrics.ts';
import { residentBytes } from '../../bench/processes/resident-memory.ts';
import { poll } from '../../bench/processes/poll.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { AccessLines } from './access-lines.ts';
import type { MadeCertificates } from './certificates.ts';
import { COOKIE, PASSWORD, settingsText, USERS, type Ports } from './settings.ts';

const startTimeoutMs = 60_000;
const STDERR_KEPT = 20_000;

export interface FuzzedGatewayOptions {
  /** The folder with `src/`. */
  readonly root: string;
  readonly folder: string;
  readonly ports: Ports;
  readonly certificates: MadeCertificates;
  readonly signal: AbortSignal;
}

/** The gateway that is fuzzed, in a process of its own, started the way a user starts it. */
export class FuzzedGateway {
  readonly ports: Ports;
  readonly lines = new AccessLines();
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #stderr = '';
  #sentinels = 0;

  private constructor(child: ChildProcess, ports: Ports) {
    this.#child = child;
    this.ports = ports;
    this.#ended = once(child, 'close');
    child.stdout?.setEncoding('utf8').on('data', (piece: string) => this.lines.read(piece));
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      this.#stderr = (this.#stderr + piece).slice(-STDERR_KEPT);
    });
  }

  static async start(options: FuzzedGatewayOptions): Promise<FuzzedGateway> {
    const { certificates, folder, ports, root, signal } = options;
    const configPath = join(folder, 'portcullis.json');
    writeFileSync(configPath, settingsText(ports, certificates), { mode: 0o600 });
    const child = spawn(process.execPath, ['src/main.ts', 'start', '--config', configPath], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const gateway = new FuzzedGateway(child, ports);
    const isReady = async (): Promise<boolean> => {
      if (gateway.hasEnded) throw new Error(`the gateway ended at its start:\n${gateway.stderr}`);
      try {
        return (await ask({ port: ports.admin, path: '/readyz' })).status === 200;
      } catch {
        return false; // not listening yet
      }
    };
    const limits = { clock: systemClock, timeoutMs: startTimeoutMs, intervalMs: 50, signal };
    try {
      if (!(await poll(isReady, limits))) throw new Error(`not ready:\n${gateway.stderr}`);
    } catch (error) {
      await gateway.stop();
      throw error;
    }
    return gateway;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** The end of what it said on its standard error. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Sockets that the process holds open, listening ones among them. */
  get socketCount(): number {
    const folder = `/proc/${this.pid}/fd`;
    let count = 0;
    for (const name of readdirSync(folder)) {
      try {
        if (readlinkSync(join(folder, name)).startsWith('socket:')) count++;
      } catch {
        // closed in the meantime
      }
    }
    return count;
  }

  get residentBytes(): number {
    return residentBytes(this.pid);
  }

  async metrics(): Promise<MetricSample[]> {
    return await readMetrics(this.ports.admin);
  }

  /** One session for each user, as the value of a Cookie field's pair. */
  async logIn(): Promise<string[]> {
    return await Promise.all(USERS.map((username) => this.openSession(username)));
  }

  async openSession(username: string): Promise<string> {
    const body = JSON.stringify({ username, password: PASSWORD });
    const fields = { 'content-type': 'application/json', 'content-length': String(body.length) };
    const question = { port: this.ports.clear, path: '/auth/login', method: 'POST', fields, body };
    const { fields: answered, status } = await ask(question);
    const cookie = answered['set-cookie']?.[0]?.split(';')[0];
    if (cookie === undefined || !cookie.startsWith(`${COOKIE}=`)) {
      throw new Error(`login was answered ${status}`);
    }
    return cookie;
  }

  async endSession(cookie: string): Promise<void> {
    await ask({ port: this.ports.clear, path: '/auth/logout', method: 'POST', fields: { cookie } });
  }

  /** Waits until nobody is connected and the access log has told all that it knows of. */
  async settle(timeoutMs: number): Promise<boolean> {
    const isQuiet = async (): Promise<boolean> =>
      metricSum(await this.metrics(), 'portcullis_connections_active') === 0;
    for (let waitedMs = 0; !(await isQuiet()); waitedMs += 50) {
      if (waitedMs > timeoutMs) return false;
      await pause(50);
    }
    const path = `/private/sentinel-${++this.#sentinels}`;
    const logged = this.lines.until(path);
    await ask({ port: this.ports.clear, path });
    await Promise.race([logged, pause(timeoutMs)]);
    return true;
  }

  terminate(): void {
    this.#child.kill('SIGTERM');
  }

  /** The exit code; null for an end by a signal. */
  async stop(): Promise<number | null> {
    if (!this.hasEnded) this.terminate();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    await this.#ended;
    clearTimeout(timer);
    return this.#child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
