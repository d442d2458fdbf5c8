import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import * as z from 'zod';
import { freePorts } from './free-ports.ts';
import { waitFor, waitForValue } from './wait-for.ts';

const seriesShape = z.object({
  data: z.object({
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        value: z.tuple([z.number(), z.string()]),
      }),
    ),
  }),
});
const targetsShape = z.object({
  data: z.object({
    activeTargets: z.array(z.object({ health: z.string(), lastError: z.string() })),
  }),
});
const rulesShape = z.object({
  data: z.object({
    groups: z.array(
      z.object({ rules: z.array(z.object({ name: z.string(), health: z.string() })) }),
    ),
  }),
});

/** A real Prometheus that scrapes one address every four seconds, by the name of a job. */
export class Prometheus implements AsyncDisposable {
  readonly #port: number;
  readonly #folder: string;
  readonly #child: ChildProcess;

  private constructor(port: number, folder: string, child: ChildProcess) {
    this.#port = port;
    this.#folder = folder;
    this.#child = child;
  }

  static async start(scraped: { job: string; port: number; rules: string }): Promise<Prometheus> {
    const folder = await mkdtemp(join(tmpdir(), 'portcullis-prometheus-'));
    await cp(scraped.rules, join(folder, 'rules.yml'));
    const targets = [`127.0.0.1:${String(scraped.port)}`];
    const config = {
      // A worker that hangs may cost a scrape two seconds.
      global: { scrape_interval: '4s', scrape_timeout: '4s', evaluation_interval: '1s' },
      rule_files: ['rules.yml'],
      scrape_configs: [{ job_name: scraped.job, static_configs: [{ targets }] }],
    };
    await writeFile(join(folder, 'prometheus.yml'), stringify(config));
    const [port = 0] = await freePorts(1);
    const child = spawn(
      'prometheus',
      [
        `--web.listen-address=127.0.0.1:${String(port)}`,
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
      ],
      { stdio: 'ignore' },
    );
    const prometheus = new Prometheus(port, folder, child);
    await waitFor('Prometheus to be ready', () => prometheus.#isReady(), 30_000);
    return prometheus;
  }

  /** The series that an expression gives now; labels as `name=value`. */
  async series(expression: string): Promise<ReadonlyMap<string, number>> {
    const { data } = seriesShape.parse(
      await this.#get(`/api/v1/query?query=${encodeURIComponent(expression)}`),
    );
    return new Map(
      data.result.map(({ metric, value: [, value] }) => [
        Object.entries(metric)
          .map(([name, label]) => `${name}=${label}`)
          .join(),
        Number(value),
      ]),
    );
  }

  /** The one value of an expression, once there is one that satisfies. */
  async value(
    expression: string,
    satisfies: (value: number) => boolean = () => true,
  ): Promise<number> {
    return await waitForValue(
      `a value of ${expression}`,
      async () => {
        const [value] = (await this.series(expression)).values();
        return value !== undefined && satisfies(value) ? value : null;
      },
      30_000,
    );
  }

  async targets(): Promise<readonly { readonly health: string; readonly lastError: string }[]> {
    return targetsShape.parse(await this.#get('/api/v1/targets')).data.activeTargets;
  }

  async rules(): Promise<readonly { readonly name: string; readonly health: string }[]> {
    const { data } = rulesShape.parse(await this.#get('/api/v1/rules'));
    return data.groups.flatMap((group) => group.rules);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #isReady(): Promise<boolean> {
    if (this.#child.exitCode !== null) throw new Error('Prometheus ended before it was ready');
    try {
      return (await fetch(`http://127.0.0.1:${String(this.#port)}/-/ready`)).ok;
    } catch {
      return false;
    }
  }

  async #get(path: string): Promise<unknown> {
    const answer = await fetch(`http://127.0.0.1:${String(this.#port)}${path}`);
    return await answer.json();
  }
}

/** What `promtool` says, and with which exit code. */
export async function promtool(
  args: readonly string[],
  input = '',
): Promise<{ readonly code: number; readonly said: string }> {
  return await new Promise((resolve) => {
    const child = execFile('promtool', args, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : 0;
      resolve({ code, said: stdout + stderr });
    });
    child.stdin?.end(input);
  });
}
