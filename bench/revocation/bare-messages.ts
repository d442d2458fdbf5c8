import { join } from 'node:path';
import { Child } from '../processes/child.ts';

const main = join(import.meta.dirname, 'bare-message-main.ts');

/** Messages through the same Redis at the same time, to as many processes as there are workers, and back. */
export class BareMessages implements AsyncDisposable {
  readonly #publisher: Child;
  readonly #resources: AsyncDisposableStack;

  private constructor(publisher: Child, resources: AsyncDisposableStack) {
    this.#publisher = publisher;
    this.#resources = resources;
  }

  static async start(port: number, subscribers: number, directory: string): Promise<BareMessages> {
    await using resources = new AsyncDisposableStack();
    const start = async (role: string): Promise<Child> => {
      const child = new Child({
        name: `a bare ${role}`,
        command: process.execPath,
        arguments: [main, String(port), role, String(subscribers)],
        logPath: join(directory, 'bare.log'),
        hasChannel: true,
      });
      resources.use(child);
      await child.message();
      return child;
    };
    await Promise.all(Array.from({ length: subscribers }, () => start('subscriber')));
    return new BareMessages(await start('publisher'), resources.move());
  }

  /** From sending to the last answer, of each so far. */
  async timesMs(): Promise<readonly number[]> {
    // Of the one type that bare-message-main.ts sends.
    return (await this.#publisher.tell('times')) as number[];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}
