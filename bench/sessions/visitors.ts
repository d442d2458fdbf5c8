import { join } from 'node:path';
import { Child } from '../processes/child.ts';
import { onCore } from '../processes/core-plan.ts';
import type { VisitJob, VisitResult } from './visit-job.ts';

/** Who visits with very many sessions: a process of its own, one job at a time. */
export class Visitors implements AsyncDisposable {
  readonly #child: Child;

  constructor(options: { readonly core: number | null; readonly directory: string }) {
    const main = join(import.meta.dirname, 'visitors-main.ts');
    const [command = '', ...rest] = onCore(options.core, [process.execPath, main]);
    this.#child = new Child({
      name: 'the visitors',
      command,
      arguments: rest,
      logPath: join(options.directory, 'visitors.log'),
      hasChannel: true,
    });
  }

  /** Every answer is 200, or it rejects. */
  async perform(job: VisitJob): Promise<VisitResult> {
    // Of the one type that visitors-main.ts sends.
    const answer = (await this.#child.tell(job)) as { result?: VisitResult; error?: string };
    const { error, result } = answer;
    if (result === undefined) throw new Error(`the visitors failed: ${error}`);
    if (Object.keys(result.statuses).some((status) => status !== '200')) {
      throw new Error(`not every visit was answered 200: ${JSON.stringify(result.statuses)}`);
    }
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stop();
  }
}
