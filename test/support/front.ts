import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './free-ports.ts';
import { projectRoot } from './gateway.ts';
import { waitFor } from './wait-for.ts';

/** A proxy in front of a gateway: a real one, with a configuration that is shipped. */
export class Front implements AsyncDisposable {
  readonly name: string;
  readonly port: number;
  readonly folder: string;
  readonly #child: ChildProcess;
  #said = '';

  private constructor(name: string, port: number, folder: string, child: ChildProcess) {
    this.name = name;
    this.port = port;
    this.folder = folder;
    this.#child = child;
    const hear = (text: string): void => {
      this.#said += text;
    };
    child.stdout?.setEncoding('utf8').on('data', hear);
    child.stderr?.setEncoding('utf8').on('data', hear);
  }

  /** All that it ever said, its error log included. */
  get said(): string {
    return this.#said;
  }

  /**
   * Puts the files into a folder of their own, runs the command there, and waits until somebody can connect. `port` is
   * the one that its configuration has.
   */
  static async start(
    name: string,
    port: number,
    files: Readonly<Record<string, string>>,
    command: (folder: string) => readonly [string, ...string[]],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Front> {
    const folder = await mkdtemp(join(tmpdir(), `portcullis-${name}-`));
    // Started by root, its worker is somebody else.
    await chmod(folder, 0o755);
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(folder, path, '..'), { recursive: true });
      await writeFile(join(folder, path), text.replaceAll('{folder}', folder));
    }
    const [binary, ...args] = command(folder);
    const child = spawn(binary, args, {
      cwd: folder,
      env: {
        ...env,
        HOME: folder,
        XDG_DATA_HOME: folder,
        XDG_CONFIG_HOME: folder,
        PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const front = new Front(name, port, folder, child);
    try {
      await waitFor(`${name} to listen`, () => front.#isUp(), 15_000);
    } catch (cause) {
      await front[Symbol.asyncDispose]();
      throw new Error(`${name} does not start:\n${front.#said}`, { cause });
    }
    return front;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'close');
      // All of them leave at once then, with their workers.
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 3_000);
      await gone;
      clearTimeout(timer);
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  async #isUp(): Promise<boolean> {
    if (this.#child.exitCode !== null) throw new Error(`${this.name} ended`);
    const socket = connect(this.port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return true;
    } catch {
      return false;
    } finally {
      socket.destroy();
    }
  }
}

/** Where a front finds the others; the shipped files have these ports. */
export interface FrontPorts {
  readonly edge: number;
  readonly control: number;
  readonly application: number;
}

/** The text of a shipped file with these ports in the place of its own. */
async function portedFile(path: string, front: number, ports: FrontPorts): Promise<string> {
  const ours: Readonly<Record<string, number>> = {
    '8080': front,
    '8081': ports.edge,
    '9000': ports.control,
    '9001': ports.application,
  };
  const text = await readFile(join(projectRoot, path), 'utf8');
  return text.replaceAll(
    /:(8080|8081|9000|9001)\b/g,
    (_, port: string) => `:${String(ours[port])}`,
  );
}

/** What goes around the `http` block's content: `{folder}/conf.d` is what is tested. */
export const nginxFrame = async (before = ''): Promise<string> => {
  const text = await readFile(join(projectRoot, 'compat-nginx/oss/nginx.conf.template'), 'utf8');
  return (
    before +
    text
      .replaceAll('${RUN_DIRECTORY}', '{folder}')
      .replaceAll('${WORKER_PROCESSES}', '1')
      .replace(/error_log .*;/, 'error_log stderr warn;')
  );
};

export function nginxCommand(folder: string): readonly [string, ...string[]] {
  return ['nginx', '-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')];
}

/** `change`: what somebody has made of the shipped file. */
export async function startNginx(
  ports: FrontPorts,
  change: (text: string) => string = (text) => text,
): Promise<Front> {
  const [port = 0] = await freePorts(1);
  const files = {
    'nginx.conf': await nginxFrame(),
    'conf.d/portcullis.conf': change(await portedFile('config/sidecar/nginx.conf', port, ports)),
  };
  return await Front.start('nginx', port, files, nginxCommand);
}

export async function startCaddy(ports: FrontPorts): Promise<Front> {
  const [port = 0] = await freePorts(1);
  const files = { Caddyfile: await portedFile('config/sidecar/Caddyfile', port, ports) };
  return await Front.start('caddy', port, files, () => [
    ...(['caddy', 'run', '--config', 'Caddyfile', '--adapter', 'caddyfile'] as const),
  ]);
}

export async function startHaproxy(ports: FrontPorts): Promise<Front> {
  const [port = 0] = await freePorts(1);
  const files = {
    'haproxy.cfg': await portedFile('config/sidecar/haproxy.cfg', port, ports),
    'portcullis.lua': await portedFile('config/sidecar/portcullis.lua', port, ports),
  };
  return await Front.start('haproxy', port, files, () => ['haproxy', '-db', '-f', 'haproxy.cfg']);
}
