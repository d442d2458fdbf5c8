import { closeSync, fstatSync, openSync, write, writeSync } from 'node:fs';

/** Takes whole lines and never fails: a log that cannot be written does not stop a request. */
export interface LineSink {
  /** One line without its end. */
  write(line: string): void;
  /** Lines that were given up because nobody took them. */
  readonly lostLines: number;
}

/** Write at once when this many characters wait: one system call for a few hundred lines. */
const flushAtCharacters = 64 * 1024;
/** Otherwise this long after the first waiting line: soon enough for somebody who watches. */
const flushAfterMs = 100;
/** What several processes write to one pipe stays whole up to here: PIPE_BUF of Linux. */
const pipeWriteBytesMax = 4096;
/** Beyond this new lines are lost. It bounds memory while a disk or a reader of a pipe stands still. */
const waitingCharactersMax = 4 * 1024 * 1024;

/**
 * Lines to a file descriptor, batched. Writes happen in Node's thread pool, one at a time: a pipe whose reader stands
 * still blocks a thread there and never the event loop. A full non-blocking descriptor (EAGAIN) is tried again later;
 * after any other failure (a reader that left: EPIPE; a full disk: ENOSPC) the batch is lost and counted.
 */
export class FileLineSink implements LineSink {
  lostLines = 0;
  readonly #fd: number;
  readonly #ownsFd: boolean;
  /** Of one write. */
  readonly #bytesMax: number;
  #waiting = '';
  #waitingLines = 0;
  #inFlight: Buffer | null = null;
  #inFlightLines = 0;
  #timer: NodeJS.Timeout | null = null;
  #onIdle: (() => void)[] = [];
  #isStopped = false;

  /**
   * A descriptor that somebody else owns, such as 1, or a path that is appended to. Throws if it cannot be opened.
   * `isShared`: other processes write to it too. Files take every write whole; a pipe takes only small ones so.
   */
  constructor(target: number | string, isShared = false) {
    this.#ownsFd = typeof target === 'string';
    // 0o640: an access log names people.
    this.#fd = typeof target === 'string' ? openSync(target, 'a', 0o640) : target;
    this.#bytesMax = isShared && !fstatSync(this.#fd).isFile() ? pipeWriteBytesMax : Infinity;
  }

  write(line: string): void {
    if (this.#isStopped || this.#waiting.length > waitingCharactersMax) {
      this.lostLines += 1;
      return;
    }
    this.#waiting += `${line}\n`;
    this.#waitingLines += 1;
    if (this.#waiting.length >= flushAtCharacters) this.#flush();
    else this.#arm();
  }

  /** Writes what waits and closes what it opened. Idempotent. Gives up on a reader that stands still. */
  async stop(deadlineMs = 1_000): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    await this.#drain(deadlineMs);
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    // A write that is still under way keeps its descriptor: the number could be somebody else's by then.
    if (this.#ownsFd && this.#inFlight === null) closeSync(this.#fd);
  }

  /** For a process that ends now: one last write that may wait, of what no thread is writing yet. */
  flushNow(): void {
    if (this.#waiting === '') return;
    const bytes = Buffer.from(this.#waiting);
    const lines = this.#takeWaiting();
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(this.#fd, bytes, at);
    } catch {
      this.lostLines += lines;
    }
  }

  async #drain(deadlineMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, deadlineMs);
    this.#onIdle.push(resolve);
    this.#flush();
    if (this.#inFlight === null) resolve();
    await promise;
    clearTimeout(timer);
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#flush();
    }, flushAfterMs).unref();
  }

  #flush(): void {
    if (this.#inFlight !== null || this.#waiting === '') return;
    const bytes = Buffer.from(this.#waiting);
    this.#inFlightLines = this.#takeWaiting();
    this.#send(bytes);
  }

  #takeWaiting(): number {
    const lines = this.#waitingLines;
    this.#waiting = '';
    this.#waitingLines = 0;
    return lines;
  }

  #send(bytes: Buffer): void {
    this.#inFlight = bytes;
    write(this.#fd, bytes, 0, wholeLines(bytes, this.#bytesMax), (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.#send(bytes), flushAfterMs).unref();
      } else if (error !== null) {
        this.lostLines += this.#inFlightLines;
        this.#settle();
      } else if (written < bytes.length) {
        this.#send(bytes.subarray(written));
      } else {
        this.#settle();
      }
    });
  }

  #settle(): void {
    this.#inFlight = null;
    this.#flush();
    if (this.#inFlight !== null) return;
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}

/** As many bytes from the beginning as end with a line and fit; one line where it does not fit by itself. */
function wholeLines(bytes: Buffer, bytesMax: number): number {
  if (bytes.length <= bytesMax) return bytes.length;
  const end = bytes.lastIndexOf(10, bytesMax - 1);
  return (end === -1 ? bytes.indexOf(10) : end) + 1;
}
