import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/lib/clock.ts';
import { ask } from './ask.ts';
import { type BenchCertificate, benchCiphers } from './bench-certificate.ts';
import { Child } from './child.ts';
import { onCore } from './core-plan.ts';
import { childPids } from './cpu-time.ts';
import { freePorts } from './free-ports.ts';
import type { NginxCommand } from './nginx-command.ts';
import { poll } from './poll.ts';

export interface NginxProcessOptions {
  readonly nginx: NginxCommand;
  readonly directory: string;
  readonly core: number | null;
  readonly controlPort: number;
  readonly upstreamPort: number;
  readonly cookieName: string;
  readonly isHttp2: boolean;
  /** Null: clients come in the clear. */
  readonly certificate: BenchCertificate | null;
  readonly signal: AbortSignal;
}

const startTimeoutMs = 10_000;
const templates = join(import.meta.dirname, '../../compat-nginx/oss');

/** Puts values for `${NAME}`; NGINX's own `$name` has no braces in our templates. */
function render(path: string, values: Readonly<Record<string, string>>): string {
  return readFileSync(path, 'utf8').replaceAll(/\$\{([A-Z_]+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${path}: nothing to put for ${name}`);
    return value;
  });
}

/** In the http block, for both of its servers. */
function tlsSettings({ certFile, keyFile }: BenchCertificate): string {
  const older = benchCiphers.filter((name) => !name.startsWith('TLS_'));
  return [
    `ssl_certificate ${certFile};`,
    `ssl_certificate_key ${keyFile};`,
    'ssl_protocols TLSv1.2 TLSv1.3;',
    `ssl_ciphers ${older.join(':')};`,
    'ssl_prefer_server_ciphers off;',
    '',
  ].join('\n');
}

/** One NGINX with one worker: `auth_request` on one port, plain proxying without any check on the other. */
export class NginxProcess {
  readonly authRequestPort: number;
  readonly plainPort: number;
  readonly #child: Child;
  readonly #isSecure: boolean;

  private constructor(child: Child, authRequestPort: number, plainPort: number, isSecure: boolean) {
    this.#isSecure = isSecure;
    this.#child = child;
    this.authRequestPort = authRequestPort;
    this.plainPort = plainPort;
  }

  static async start(options: NginxProcessOptions): Promise<NginxProcess> {
    const [authRequestPort = 0, plainPort = 0] = await freePorts(2);
    const directory = join(options.directory, 'nginx');
    mkdirSync(join(directory, 'conf.d'), { recursive: true });
    // Started by root, its worker is somebody else.
    chmodSync(directory, 0o755);
    const { certificate } = options;
    const security = certificate === null ? '' : options.isHttp2 ? ' ssl http2' : ' ssl';
    const values = {
      RUN_DIRECTORY: directory,
      WORKER_PROCESSES: '1',
      EDGE_ADDRESS: `127.0.0.1:${authRequestPort}${security}`,
      PLAIN_ADDRESS: `127.0.0.1:${plainPort}${security}`,
      UPSTREAM_ADDRESS: `127.0.0.1:${options.upstreamPort}`,
      CONTROL_ADDRESS: `127.0.0.1:${options.controlPort}`,
      COOKIE_NAME: options.cookieName,
    };
    const main = join(directory, 'nginx.conf');
    writeFileSync(main, render(join(templates, 'nginx.conf.template'), values));
    for (const name of ['auth-request', 'plain-proxy']) {
      const text = render(join(templates, `${name}.conf.template`), values);
      writeFileSync(join(directory, 'conf.d', `${name}.conf`), text);
    }
    if (certificate !== null) {
      writeFileSync(join(directory, 'conf.d', 'tls.conf'), tlsSettings(certificate));
    }
    const [command = '', ...rest] = onCore(options.core, [
      options.nginx.command,
      '-p',
      directory,
      '-e',
      join(directory, 'error.log'),
      '-c',
      main,
    ]);
    const logPath = join(directory, 'error.log');
    const child = new Child({ name: 'NGINX', command, arguments: rest, logPath });
    const nginx = new NginxProcess(child, authRequestPort, plainPort, certificate !== null);
    try {
      await nginx.#untilReady(options.signal);
    } catch (error) {
      await child.stop();
      throw error;
    }
    return nginx;
  }

  /** The master and its worker. */
  get pids(): number[] {
    return [this.#child.pid, ...childPids(this.#child.pid)];
  }

  async #untilReady(signal: AbortSignal): Promise<void> {
    const isReady = async (): Promise<boolean> => {
      if (this.#child.hasEnded) await this.#child.untilEnded();
      try {
        // Whatever the upstream says of a path that nobody serves, it has said it.
        const question = { port: this.plainPort, path: '/api/ready', isSecure: this.#isSecure };
        return (await ask(question)).status < 500;
      } catch {
        return false;
      }
    };
    const options = { clock: systemClock, timeoutMs: startTimeoutMs, intervalMs: 50, signal };
    if (!(await poll(isReady, options))) {
      throw new Error(`NGINX is not ready after ${startTimeoutMs} ms.\n${this.#child.logTail()}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stop();
  }
}
