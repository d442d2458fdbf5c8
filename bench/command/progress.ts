import { performance } from 'node:perf_hooks';

type ProgressStream = Pick<NodeJS.WriteStream, 'isTTY' | 'write'>;

function told(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  return whole < 120 ? `${whole} s` : `${Math.ceil(whole / 60)} min`;
}

/** What happens and how long it still takes, on stderr: one line that is rewritten, or one a step in a file. */
export class Progress {
  readonly #all: number;
  readonly #stream: ProgressStream;
  readonly #startedMs = performance.now();
  #begun = 0;
  #done = 0;

  /** In steps, or in whatever unit the steps are told in. */
  constructor(all: number, stream: ProgressStream = process.stderr) {
    this.#all = all;
    this.#stream = stream;
  }

  /** For a part whose whole is told by somebody else. */
  static silent(): Progress {
    return new Progress(1, { isTTY: false, write: () => true });
  }

  /** A sentence without a place among the steps. */
  say(text: string): void {
    this.#write(text);
  }

  /** What begins now, and how much of the whole it is. */
  step(text: string, units = 1): void {
    const elapsedMs = performance.now() - this.#startedMs;
    this.#done = this.#begun;
    this.#begun += units;
    const left =
      this.#done === 0
        ? ''
        : `, about ${told((elapsedMs / this.#done) * ((this.#all - this.#done) / 1000))} left`;
    this.#write(`[${Math.round((100 * this.#done) / this.#all)} %] ${text}${left}`);
  }

  end(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\x1b[K');
  }

  #write(text: string): void {
    this.#stream.write(this.#stream.isTTY ? `\r\x1b[K${text}` : `${text}\n`);
  }
}
