import { performance } from 'node:perf_hooks';

/** What happens and how long it still takes, on stderr: one line that is rewritten, or one a step in a file. */
export class Progress {
  readonly #steps: number;
  readonly #stream: NodeJS.WriteStream;
  readonly #startedMs = performance.now();
  #done = 0;

  constructor(steps: number, stream: NodeJS.WriteStream = process.stderr) {
    this.#steps = steps;
    this.#stream = stream;
  }

  /** A sentence without a place among the steps. */
  say(text: string): void {
    this.#write(text);
  }

  step(text: string): void {
    const elapsedMs = performance.now() - this.#startedMs;
    const left =
      this.#done === 0
        ? ''
        : `, about ${Math.ceil((elapsedMs / this.#done) * ((this.#steps - this.#done) / 1000))} s left`;
    this.#done += 1;
    this.#write(`[${this.#done}/${this.#steps}] ${text}${left}`);
  }

  end(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\x1b[K');
  }

  #write(text: string): void {
    this.#stream.write(this.#stream.isTTY ? `\r\x1b[K${text}` : `${text}\n`);
  }
}
