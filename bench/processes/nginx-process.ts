import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchCertificate, benchCiphers } from './bench-certificate.ts';
import { Child } from './child.ts';
import { onCore } from './core-plan.ts';
import { freePorts } from './free-ports.ts';
import { MemoryFolder } from './memory-folder.ts';
import { processTree } from './process-tree.ts';
import { renderTemplate } from './render-template.ts';
import { untilAnswering } from './until-answering.ts';

export type NginxTemplate = 'auth-request' | 'auth-request-cached' | 'plain-proxy' | 'njs-sessions';

export interface NginxProcessOptions {
  readonly command: string;
  /** Names its folder. */
  readonly name: string;
  readonly template: NginxTemplate;
  readonly directory: string;
  readonly core: number | null;
  readonly workers: number;
  /** Of the gateway that it asks; null where it asks nobody. */
  readonly controlPort: number | null;
  readonly upstreamPort: number;
  readonly cookieName: string;
  readonly isHttp2: boolean;
  /** Null: clients come in the clear. */
  readonly certificate: BenchCertificate | null;
  /** By name: further files of its folder. */
  readonly files: Readonly<Record<string, string>>;
  /** Dynamic modules, by path. */
  readonly modules: readonly string[];
  readonly signal: AbortSignal;
}

const nginxTemplates = join(import.meta.dirname, '../../compat-nginx/oss');

/** In the http block. */
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

/** An NGINX with one of the configurations that ship, on a port and in a folder of its own. */
export class NginxProcess implements AsyncDisposable {
  readonly port: number;
  /** The template with its values. */
  readonly configuration: string;
  readonly #child: Child;
  readonly #resources: AsyncDisposableStack;

  private constructor(
    child: Child,
    resources: AsyncDisposableStack,
    parts: Pick<NginxProcess, 'configuration' | 'port'>,
  ) {
    this.#child = child;
    this.#resources = resources;
    this.port = parts.port;
    this.configuration = parts.configuration;
  }

  static async start(options: NginxProcessOptions): Promise<NginxProcess> {
    const [port = 0] = await freePorts(1);
    const directory = join(options.directory, options.name);
    mkdirSync(join(directory, 'conf.d'), { recursive: true });
    // Started by root, its worker is somebody else, who has to get through to its folder.
    chmodSync(options.directory, 0o711);
    chmodSync(directory, 0o755);
    await using resources = new AsyncDisposableStack();
    const cache = resources.use(new MemoryFolder(options.name, directory));
    chmodSync(cache.path, 0o711);
    const { certificate } = options;
    const security = certificate === null ? '' : options.isHttp2 ? ' ssl http2' : ' ssl';
    const address = `127.0.0.1:${port}${security}`;
    const values = {
      RUN_DIRECTORY: directory,
      CACHE_DIRECTORY: join(cache.path, 'validated'),
      WORKER_PROCESSES: String(options.workers),
      EDGE_ADDRESS: address,
      PLAIN_ADDRESS: address,
      UPSTREAM_ADDRESS: `127.0.0.1:${options.upstreamPort}`,
      CONTROL_ADDRESS: `127.0.0.1:${options.controlPort ?? 0}`,
      COOKIE_NAME: options.cookieName,
    };
    const frame = renderTemplate(join(nginxTemplates, 'nginx.conf.template'), values);
    const modules = options.modules.map((path) => `load_module ${path};\n`).join('');
    const main = join(directory, 'nginx.conf');
    writeFileSync(main, modules + frame);
    const template = join(nginxTemplates, `${options.template}.conf.template`);
    const configuration = renderTemplate(template, values);
    writeFileSync(join(directory, 'conf.d', `${options.template}.conf`), configuration);
    for (const [name, text] of Object.entries(options.files)) {
      writeFileSync(join(directory, name), text);
    }
    if (options.template === 'njs-sessions') {
      copyFileSync(join(nginxTemplates, 'session.js'), join(directory, 'session.js'));
    }
    if (certificate !== null) {
      writeFileSync(join(directory, 'conf.d', 'tls.conf'), tlsSettings(certificate));
    }
    const logPath = join(directory, 'error.log');
    const [command = '', ...rest] = onCore(options.core, [
      ...[options.command, '-p', directory, '-e', logPath, '-c', main],
    ]);
    const child = new Child({ name: 'NGINX', command, arguments: rest, logPath });
    resources.defer(() => child.stop());
    await untilAnswering(child, { port, isSecure: certificate !== null }, options.signal);
    return new NginxProcess(child, resources.move(), { port, configuration });
  }

  /** The master and its workers. */
  get pids(): number[] {
    return processTree(this.#child.pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}
