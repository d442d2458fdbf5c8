import { RecordingUpstream, respond } from './recording-upstream.ts';

/** Some upstreams that answer with their names: `one`, `two`, … */
export class Fleet implements AsyncDisposable {
  readonly upstreams: readonly RecordingUpstream[];
  readonly #stack: AsyncDisposableStack;

  private constructor(upstreams: readonly RecordingUpstream[], stack: AsyncDisposableStack) {
    this.upstreams = upstreams;
    this.#stack = stack;
  }

  static async start(...names: readonly string[]): Promise<Fleet> {
    const stack = new AsyncDisposableStack();
    const upstreams: RecordingUpstream[] = [];
    for (const name of names) {
      upstreams.push(stack.use(await RecordingUpstream.start({ answer: respond(200, [], name) })));
    }
    return new Fleet(upstreams, stack);
  }

  at(index: number): RecordingUpstream {
    const upstream = this.upstreams[index];
    if (upstream === undefined) throw new Error(`no upstream ${String(index)}`);
    return upstream;
  }

  /** As a configuration has it. */
  address(index: number): string {
    return `127.0.0.1:${String(this.at(index).port)}`;
  }

  get addresses(): string[] {
    return this.upstreams.map((_, index) => this.address(index));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
