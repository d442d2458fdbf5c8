import { createHash } from 'node:crypto';
import { readBytes, readText, type FileSnapshot } from '../config/read.ts';

export interface FileWatchParts {
  readonly intervalMs: number;
  /** The files are others, and have been the same for one interval. */
  readonly onChange: () => void;
}

/**
 * Looks at what files hold, not at when somebody wrote them: links that are swapped and coarse clocks cannot fool it. What
 * has just changed may be changing: a change counts when two looks in a row have found the same.
 */
export class FileWatch {
  readonly #parts: FileWatchParts;
  #texts: readonly string[] = [];
  #bytes: readonly string[] = [];
  #known = '';
  #pending: string | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: FileWatchParts) {
    this.#parts = parts;
  }

  /** What somebody has just read; `ignored` are looked after by others. */
  know(files: FileSnapshot, ignored: ReadonlySet<string> = new Set()): void {
    this.#texts = [...files.texts.keys()].filter((path) => !ignored.has(path));
    this.#bytes = [...files.bytes.keys()].filter((path) => !ignored.has(path));
    this.#known = digestOf([
      ...this.#texts.map((path) => files.texts.get(path)),
      ...this.#bytes.map((path) => files.bytes.get(path)),
    ]);
    this.#pending = null;
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), this.#parts.intervalMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  look(): void {
    const seen = digestOf([
      ...this.#texts.map((path) => readText(path)),
      ...this.#bytes.map((path) => readBytes(path)),
    ]);
    if (seen === this.#known) this.#pending = null;
    else if (seen !== this.#pending) this.#pending = seen;
    else {
      // Whatever becomes of it, it is news only once.
      this.#known = seen;
      this.#pending = null;
      this.#parts.onChange();
    }
  }
}

function digestOf(readings: readonly unknown[]): string {
  const hash = createHash('sha256');
  for (const reading of readings) hash.update(`${JSON.stringify(reading)}\n`);
  return hash.digest('base64');
}
