import { writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../../src/lib/clock.ts';
import { type Answer, ask } from './ask.ts';
import { benchUsers } from './bench-users.ts';
import { Child } from './child.ts';
import { onCore } from './core-plan.ts';
import { freePorts } from './free-ports.ts';
import { type GatewaySettings, gatewaySettingsFile } from './gateway-settings.ts';
import { poll } from './poll.ts';

export interface GatewayProcessOptions {
  readonly name: string;
  readonly directory: string;
  readonly core: number | null;
  readonly signal: AbortSignal;
  readonly settings: Omit<GatewaySettings, 'edgePort' | 'controlPort' | 'adminPort'>;
  /** Runs in front of the command, such as `prlimit`. */
  readonly prefix?: readonly string[];
  /** Options of Node, such as `--import=…`. */
  readonly nodeArguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** What was imported can be asked with `tell`. */
  readonly hasChannel?: boolean;
}

/** A session that was opened through the login endpoint. */
export interface BenchSession {
  readonly username: string;
  /** The value of the Cookie field. */
  readonly cookie: string;
}

const startTimeoutMs = 60_000;
const parallelLogins = 16;
const patienceMs = 250;
const patienceTimes = 40;
const mainFile = join(import.meta.dirname, '../../src/main.ts');

function sessionCookie(answer: Answer): string {
  const cookie = answer.fields['set-cookie']?.[0]?.split(';')[0];
  if (answer.status !== 200 || cookie === undefined) {
    throw new Error(`login was answered ${answer.status} without a cookie: ${answer.body}`);
  }
  return cookie;
}

/** A gateway with a configuration of its own, on ports of its own. */
export class GatewayProcess {
  readonly edgePort: number;
  readonly controlPort: number;
  readonly adminPort: number;
  readonly #child: Child;

  private constructor(child: Child, ports: readonly [number, number, number]) {
    this.#child = child;
    [this.edgePort, this.controlPort, this.adminPort] = ports;
  }

  static async start(options: GatewayProcessOptions): Promise<GatewayProcess> {
    const [edgePort = 0, controlPort = 0, adminPort = 0] = await freePorts(3);
    const settingsPath = join(options.directory, `${options.name}.yaml`);
    const ports = { edgePort, controlPort, adminPort };
    writeFileSync(settingsPath, gatewaySettingsFile({ ...options.settings, ...ports }), {
      mode: 0o600,
    });
    const [command = '', ...rest] = onCore(options.core, [
      ...(options.prefix ?? []),
      process.execPath,
      ...(options.nodeArguments ?? []),
      mainFile,
      'start',
      '--config',
      settingsPath,
    ]);
    const child = new Child({
      name: `the gateway (${options.name})`,
      command,
      arguments: rest,
      logPath: join(options.directory, `${options.name}.log`),
      hasChannel: options.hasChannel ?? false,
      environment: options.environment ?? {},
    });
    const gateway = new GatewayProcess(child, [edgePort, controlPort, adminPort]);
    try {
      await gateway.#untilReady(options.signal);
    } catch (error) {
      await child.stop();
      throw error;
    }
    return gateway;
  }

  /** What was imported answers. */
  tell(message: object): Promise<unknown> {
    return this.#child.tell(message);
  }

  get pid(): number {
    return this.#child.pid;
  }

  logTail(): string {
    return this.#child.logTail();
  }

  get hasEnded(): boolean {
    return this.#child.hasEnded;
  }

  async #untilReady(signal: AbortSignal): Promise<void> {
    const isReady = async (): Promise<boolean> => {
      if (this.#child.hasEnded) await this.#child.untilEnded();
      try {
        return (await ask({ port: this.adminPort, path: '/readyz' })).status === 200;
      } catch {
        return false;
      }
    };
    const options = { clock: systemClock, timeoutMs: startTimeoutMs, intervalMs: 50, signal };
    if (!(await poll(isReady, options))) {
      throw new Error(`the gateway is not ready after ${startTimeoutMs} ms.\n${this.logTail()}`);
    }
  }

  /** Opens sessions through the login endpoint of the control listener, one user after another. */
  async logIn(count: number, signal: AbortSignal): Promise<BenchSession[]> {
    const agent = new http.Agent({ keepAlive: true, maxSockets: parallelLogins });
    const sessions: BenchSession[] = [];
    let next = 0;
    const logInNext = async (): Promise<void> => {
      while (next < count) {
        signal.throwIfAborted();
        const user = benchUsers[next % benchUsers.length];
        next += 1;
        if (user === undefined) return;
        const { username, password } = user;
        const body = JSON.stringify({ username, password });
        const fields = { 'content-type': 'application/json', 'content-length': `${body.length}` };
        const { controlPort: port } = this;
        const question = { port, path: '/login', method: 'POST', fields, body, agent };
        let answer = await ask(question);
        for (let times = 0; answer.status === 503 && times < patienceTimes; times += 1) {
          // Its store does not answer yet, or not at the moment: it says to come again.
          await pause(patienceMs, undefined, { signal });
          answer = await ask(question);
        }
        sessions.push({ username, cookie: sessionCookie(answer) });
      }
    };
    try {
      await Promise.all(Array.from({ length: parallelLogins }, logInNext));
    } finally {
      agent.destroy();
    }
    return sessions;
  }

  /** Ends a session through the logout endpoint. */
  async logOut(cookie: string): Promise<void> {
    const answer = await ask({ port: this.controlPort, path: '/logout', fields: { cookie } });
    if (answer.status !== 200) throw new Error(`logout was answered ${answer.status}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stop();
  }
}
