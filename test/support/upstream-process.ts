import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { waitFor } from './wait-for.ts';

const main = fileURLToPath(new URL('upstream-main.ts', import.meta.url));

/** An upstream that can be killed, frozen and started again at its port. */
export class UpstreamProcess implements AsyncDisposable {
  readonly name: string;
  readonly port: number;
  /** `METHOD target` of every request that ever came, over all its lives. */
  readonly requests: string[] = [];
  #child: ChildProcess | null = null;

  constructor(name: string, port: number) {
    this.name = name;
    this.port = port;
  }

  async start(): Promise<this> {
    const child = spawn(process.execPath, [main, this.name, String(this.port)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    let isReady = false;
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line === 'ready') isReady = true;
        else this.requests.push(line);
      }
    });
    await waitFor(`upstream ${this.name}`, () => isReady, 15_000);
    return this;
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  /** No goodbye: connections are reset by the system. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    this.#child = null;
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
