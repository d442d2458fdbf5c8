import { closeSync, constants, fstatSync, openSync, write, writeSync } from 'node:fs';
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
/**
 * A full pipe is tried again after so long, and after twice as long each time, up to the second figure, until it takes
 * something. A reader that is only busy empties it in less; a long wait for that would hold up the lines of a busy gateway.
 */
const retryMs = { first: 1, last: 100 };
/** Beyond this new lines are lost. It bounds memory while a disk or a reader of a pipe stands still. */
const waitingBytesMax = 4 * 1024 * 1024;

const NEWLINE = 10;

/**
 * Lines to a file descriptor, batched. Writes happen in Node's thread pool, one at a time, so that a slow disk never holds
 * up the event loop. A full non-blocking descriptor (EAGAIN) is tried again soon; after any other failure (a reader that
 * left: EPIPE; a full disk: ENOSPC) what was not written of the batch is lost and counted.
 *
 * A pipe must not block: a thread that waits for a reader that stands still is waited for at the end of the process, and
 * nothing but SIGKILL ends that.
 */
export class FileLineSink implements LineSink {
  lostLines = 0;
  #fd: number;
  readonly #isOwn: boolean;
  /** Null: what somebody else opened. */
  readonly #path: string | null;
  readonly #isShared: boolean;
  /** Of one write. */
  #bytesMax: number;
  /** Before the next batch: the end of a line that could be written half only. */
  #lead: '' | '\n' = '';
  readonly #waiting = new LineBatch();
  #inFlight: Buffer | null = null;
  /** Where that goes to: after reopen() still to the file before. */
  #to = -1;
  /** For what is in flight, while the pipe is full; null: a thread is writing it. */
  #retry: NodeJS.Timeout | null = null;
  #retryMs = retryMs.first;
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
    this.#fd = typeof target === 'string' ? opened(target) : nonBlocking(target);
    this.#isOwn = this.#fd !== target;
    this.#bytesMax = this.#bytesMaxOf(this.#fd);
    process.on('exit', this.#sayLast);
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

  /**
   * Writes what waits and closes what it opened. Idempotent. Gives up on a reader that stands still; what it has not taken
   * by then is lost.
   */
  async stop(deadlineMs = 1_000): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    await this.#drain(deadlineMs);
    process.off('exit', this.#sayLast);
    this.#giveUp();
    // A write that is still under way keeps its descriptor: the number could be somebody else's by then.
    if (this.#isOwn && this.#inFlight === null) closeSync(this.#fd);
  }

  /**
   * A process that ends without stop(), as after an error that nobody caught: what no thread is writing goes out, as far as
   * it is taken at once. What a thread is writing, it writes to its end.
   */
  readonly #sayLast = (): void => {
    let [fd, bytes] = this.#retry === null ? [this.#fd, this.#take()] : [this.#to, this.#inFlight];
    while (bytes !== null) {
      const rest = bytes.subarray(writtenAtOnce(fd, bytes, this.#bytesMax));
      if (rest.length > 0) {
        this.#lose(rest);
        break; // nothing may be glued to the half of a line
      }
      this.#lead = '';
      [fd, bytes] = [this.#fd, this.#take()];
    }
    if (this.#retry !== null) this.#inFlight = null;
    this.#giveUp();
  };

  /** What waits is lost, and what is in flight. */
  #giveUp(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#inFlight !== null) this.#lose(this.#inFlight);
    if (this.#retry !== null) {
      clearTimeout(this.#retry);
      this.#retry = null;
      this.#landed();
    }
    for (let bytes = this.#take(); bytes !== null; bytes = this.#take()) this.#lose(bytes);
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
    const bytes = this.#take();
    if (bytes !== null) this.#send(this.#fd, bytes);
  }

  /** The next batch, behind the end of a line that was broken off. */
  #take(): Buffer | null {
    const lines = this.#waiting.take();
    if (lines === null || this.#lead === '') return lines;
    const bytes = Buffer.concat([Buffer.from(this.#lead), lines]);
    this.#lead = '';
    return bytes;
  }

  #bytesMaxOf(fd: number): number {
    return this.#isShared && !fstatSync(fd).isFile() ? pipeWriteBytesMax : Infinity;
  }

  #send(fd: number, bytes: Buffer): void {
    this.#to = fd;
    this.#inFlight = bytes;
    write(fd, bytes, 0, wholeLines(bytes, this.#bytesMax), (error, written) => {
      if (error?.code === 'EAGAIN') {
        this.#sendLater(fd, bytes);
        return;
      }
      this.#retryMs = retryMs.first;
      if (error !== null) {
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

  #sendLater(fd: number, bytes: Buffer): void {
    this.#retry = setTimeout(() => {
      this.#retry = null;
      this.#send(fd, bytes);
    }, this.#retryMs).unref();
    this.#retryMs = Math.min(2 * this.#retryMs, retryMs.last);
  }

  #lose(bytes: Buffer): void {
    this.lostLines += lineCount(bytes);
    if (bytes[0] !== NEWLINE) return;
    // No line, but the end of one that is still to be written.
    this.lostLines -= 1;
    this.#lead = '\n';
  }

  #landed(): void {
    this.#inFlight = null;
    for (const close of this.#onWritten.splice(0)) close();
  }

  #settle(): void {
    if (this.#inFlight !== null) this.#waiting.giveBack(this.#inFlight);
    this.#landed();
    // What came meanwhile waits for its own time: written at once, a busy log would be a few lines a call.
    if (this.#isDue || this.#isStopped || this.#waiting.bytes >= flushAtBytes) this.#flush();
    else if (this.#waiting.bytes > 0) this.#arm();
    if (this.#inFlight !== null) return;
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}

/** Of a file it appends to; a pipe must have a reader (ENXIO), and does not block. */
const openFlags =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

function opened(path: string): number {
  return openSync(path, openFlags, 0o640); // an access log names people
}

/**
 * Whether a pipe blocks is a matter of all processes that share it, and one that ends puts it back as it found it. So this
 * opens it again, for us alone, where that is allowed: not where it was made by another user, and not where it is a socket.
 */
function nonBlocking(fd: number): number {
  if (!fstatSync(fd).isFIFO()) return fd;
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return fd;
  }
}

/** How much of it. */
function writtenAtOnce(fd: number, bytes: Buffer, bytesMax: number): number {
  let at = 0;
  try {
    while (at < bytes.length) {
      at += writeSync(fd, bytes, at, wholeLines(bytes.subarray(at), bytesMax));
    }
  } catch {
    // A full pipe, or nobody who reads it: nothing that could be done about it now.
  }
  return at;
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
