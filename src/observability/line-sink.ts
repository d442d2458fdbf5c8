import { closeSync, fstatSync, openSync, write, writeSync } from 'node:fs';
import { LineBatch } from './line-batch.ts';

/** Takes whole lines and never fails: a log that cannot be written does not stop a request. */
export interface LineSink {
  /** One line without its end. */
  write(line: string): void;
  /** Lines that were given up because nobody took them. */
  readonly lostLines: number;
}

/** Write at once when this many octets wait: one system call for a few hundred lines. */
const flushAtBytes = 60 * 1024;
/** Otherwise this long after the first waiting line: soon enough for somebody who watches. */
const flushAfterMs = 100;
/** What several processes write to one pipe stays whole up to here: PIPE_BUF of Linux. */
const pipeWriteBytesMax = 4096;
/** Beyond this new lines are lost. It bounds memory while a disk or a reader of a pipe stands still. */
const waitingBytesMax = 4 * 1024 * 1024;

const NEWLINE = 10;

/**
 * Lines to a file descriptor, batched. Writes happen in Node's thread pool, one at a time: a pipe whose reader stands
 * still blocks a thread there and never the event loop. A full non-blocking descriptor (EAGAIN) is tried again later;
 * after any other failure (a reader that left: EPIPE; a full disk: ENOSPC) what was not written of the batch is lost and
 * counted.
 */
export class FileLineSink implements LineSink {
  lostLines = 0;
  #fd: number;
  /** Null: somebody else's descriptor. */
  readonly #path: string | null;
  readonly #isShared: boolean;
  /** Of one write. */
  #bytesMax: number;
  /** Before the next batch: the end of a line that could be written half only. */
  #lead: '' | '\n' = '';
  readonly #waiting = new LineBatch();
  #inFlight: Buffer | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** The time of what waits came while something was in flight. */
  #isDue = false;
  #onIdle: (() => void)[] = [];
  /** When what is in flight now is over. */
  #onWritten: (() => void)[] = [];
  #isStopped = false;

  /**
   * A descriptor that somebody else owns, such as 1, or a path that is appended to. Throws if it cannot be opened.
   * `isShared`: other processes write to it too. Files take every write whole; a pipe takes only small ones so.
   */
  constructor(target: number | string, isShared = false) {
    this.#path = typeof target === 'string' ? target : null;
    this.#isShared = isShared;
    this.#fd = typeof target === 'string' ? opened(target) : target;
    this.#bytesMax = this.#bytesMaxOf(this.#fd);
  }

  /**
   * Goes on in the file that has the path now: the one before may have been moved away. Throws where there can be none, and
   * goes on in the one before.
   */
  reopen(): void {
    if (this.#path === null || this.#isStopped) return;
    const before = this.#fd;
    this.#fd = opened(this.#path);
    this.#bytesMax = this.#bytesMaxOf(this.#fd);
    this.#lead = '';
    if (this.#inFlight === null) closeSync(before);
    else this.#onWritten.push(() => closeSync(before)); // what is being written belongs there
  }

  write(line: string): void {
    if (this.#isStopped || this.#waiting.bytes > waitingBytesMax) {
      this.lostLines += 1;
      return;
    }
    this.#waiting.add(line);
    if (this.#waiting.bytes >= flushAtBytes) this.#flush();
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
    if (this.#path !== null && this.#inFlight === null) closeSync(this.#fd);
  }

  /** For a process that ends now: one last write that may wait, of what no thread is writing yet. */
  flushNow(): void {
    let isBroken = false;
    for (let bytes = this.#waiting.take(); bytes !== null; bytes = this.#waiting.take()) {
      try {
        for (let at = 0; at < bytes.length && !isBroken;) at += writeSync(this.#fd, bytes, at);
      } catch {
        isBroken = true; // perhaps within a line: nothing may be glued to its half
      }
      if (isBroken) this.lostLines += lineCount(bytes);
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
      this.#isDue = true;
      this.#flush();
    }, flushAfterMs).unref();
  }

  #flush(): void {
    if (this.#inFlight !== null) return;
    this.#isDue = false;
    const lines = this.#waiting.take();
    if (lines === null) return;
    const bytes = this.#lead === '' ? lines : Buffer.concat([Buffer.from(this.#lead), lines]);
    this.#lead = '';
    this.#send(this.#fd, bytes);
  }

  #bytesMaxOf(fd: number): number {
    return this.#isShared && !fstatSync(fd).isFile() ? pipeWriteBytesMax : Infinity;
  }

  #send(fd: number, bytes: Buffer): void {
    this.#inFlight = bytes;
    write(fd, bytes, 0, wholeLines(bytes, this.#bytesMax), (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.#send(fd, bytes), flushAfterMs).unref();
      } else if (error !== null) {
        this.#lose(bytes);
        this.#settle();
      } else if (written < bytes.length) {
        this.#lead = fd !== this.#fd || bytes[written - 1] === NEWLINE ? '' : '\n';
        this.#send(fd, bytes.subarray(written));
      } else {
        this.#lead = '';
        this.#settle();
      }
    });
  }

  #lose(bytes: Buffer): void {
    this.lostLines += lineCount(bytes);
    if (bytes[0] !== NEWLINE) return;
    // No line, but the end of one that is still to be written.
    this.lostLines -= 1;
    this.#lead = '\n';
  }

  #settle(): void {
    if (this.#inFlight !== null) this.#waiting.giveBack(this.#inFlight);
    this.#inFlight = null;
    for (const close of this.#onWritten.splice(0)) close();
    // What came meanwhile waits for its own time: written at once, a busy log would be a few lines a call.
    if (this.#isDue || this.#isStopped || this.#waiting.bytes >= flushAtBytes) this.#flush();
    else if (this.#waiting.bytes > 0) this.#arm();
    if (this.#inFlight !== null) return;
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}

function opened(path: string): number {
  return openSync(path, 'a', 0o640); // an access log names people
}

function lineCount(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

/** As many bytes from the beginning as end with a line and fit; one line where it does not fit by itself. */
function wholeLines(bytes: Buffer, bytesMax: number): number {
  if (bytes.length <= bytesMax) return bytes.length;
  const end = bytes.lastIndexOf(10, bytesMax - 1);
  return (end === -1 ? bytes.indexOf(10) : end) + 1;
}
