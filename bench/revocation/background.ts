import { join } from 'node:path';
import { Child } from '../processes/child.ts';
import type { BackgroundJob, BackgroundResult } from './background-job.ts';

/** The people who are not concerned: a process of its own. */
export class Background implements AsyncDisposable {
  readonly #child: Child;

  private constructor(child: Child) {
    this.#child = child;
  }

  static async start(job: BackgroundJob, directory: string): Promise<Background> {
    const child = new Child({
      name: 'the load',
      command: process.execPath,
      arguments: [join(import.meta.dirname, 'background-main.ts')],
      logPath: join(directory, 'background.log'),
      hasChannel: true,
    });
    const said = await child.tell(job);
    if (said === 'running') return new Background(child);
    await child.stop();
    throw new Error(`the load does not run: ${String(said)}`);
  }

  /** What came before does not count. */
  async begin(): Promise<void> {
    await this.#child.tell('begin');
  }

  async finish(): Promise<BackgroundResult> {
    // Of the one type that background-main.ts sends, or what went wrong.
    const answer = (await this.#child.tell('finish')) as { result?: BackgroundResult } | string;
    if (typeof answer === 'string') throw new Error(`the load failed: ${answer}`);
    if (answer.result === undefined) throw new Error('the load says nothing');
    return answer.result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stop();
  }
}
