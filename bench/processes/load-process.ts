import { join } from 'node:path';
import type { LoadJob, LoadResult } from '../load/load-job.ts';
import { Child } from './child.ts';
import { onCore } from './core-plan.ts';

/** The load in a process of its own, one job at a time. */
export class LoadProcess {
  /** Null where it is not pinned. */
  readonly core: number | null;
  readonly #child: Child;

  constructor(options: { readonly core: number | null; readonly directory: string }) {
    this.core = options.core;
    const main = join(import.meta.dirname, '../load/main.ts');
    const [command = '', ...rest] = onCore(options.core, [process.execPath, main]);
    this.#child = new Child({
      name: 'the load process',
      command,
      arguments: rest,
      logPath: join(options.directory, 'load.log'),
      hasChannel: true,
      // What its programs write there goes with the folder, also when they are ended in the middle.
      environment: { TMPDIR: options.directory },
    });
  }

  async run(job: LoadJob): Promise<LoadResult> {
    // Of the one type that load/main.ts sends.
    const answer = (await this.#child.tell(job)) as { result?: LoadResult; error?: string };
    const { result, error } = answer;
    if (result === undefined) throw new Error(`the load process failed: ${error}`);
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stop();
  }
}
