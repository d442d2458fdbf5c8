import { close, closeSync, fstatSync, openSync, open, readSync, write } from 'node:fs';

/** Beyond this many characters new lines are lost: it bounds memory while a disk stands still. */
const waitingCharactersMax = 1024 * 1024;
/** How soon after a failure the file is opened again and tried. */
const retryMs = 1_000;

interface WaitingLine {
  readonly text: string;
  readonly settle: (isWritten: boolean) => void;
}

/**
 * A file to which whole lines are appended, each of which tells whether it is there. A failure costs the lines that met
 * it; from then on the file is opened and tried again until a line about the loss is in it.
 */
export class AuditFile {
  lostLines = 0;
  readonly #path: string;
  /** Makes the line that says how many are missing. */
  readonly #lossLine: (lost: number) => string;
  #fd: number | null;
  /** Before the next line: the end of one that somebody wrote half of. */
  #lead: '' | '\n';
  #waiting: WaitingLine[] = [];
  #waitingCharacters = 0;
  #isWriting = false;
  #unsaidLosses = 0;
  #timer: NodeJS.Timeout | null = null;
  #isStopped = false;
  #onIdle: (() => void)[] = [];
  /** When what is being written now is over. */
  #onWritten: (() => void)[] = [];

  /** Throws where the file cannot be opened. */
  constructor(path: string, lossLine: (lost: number) => string) {
    this.#path = path;
    this.#lossLine = lossLine;
    this.#fd = openSync(path, 'a', 0o600); // it names people
    this.#lead = leadOf(path, this.#fd);
  }

  /** Since the last failure nothing has been written. */
  get isFailing(): boolean {
    return this.#timer !== null;
  }

  /** Resolves to whether the line is in the file. */
  append(line: string): Promise<boolean> {
    if (this.#isStopped || this.isFailing || this.#waitingCharacters > waitingCharactersMax) {
      this.#lose(1);
      return Promise.resolve(false);
    }
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#waiting.push({ text: `${line}\n`, settle: resolve });
    this.#waitingCharacters += line.length + 1;
    this.#writeNext();
    return promise;
  }

  /** Goes on in the file that has the path now. One that fails is opened again anyway. Throws where there can be none. */
  reopen(): void {
    if (this.#isStopped || this.isFailing || this.#fd === null) return;
    const before = this.#fd;
    this.#fd = openSync(this.#path, 'a', 0o600);
    this.#lead = leadOf(this.#path, this.#fd);
    if (this.#isWriting) this.#onWritten.push(() => close(before));
    else close(before);
  }

  /** Writes what waits, unless that takes too long. Idempotent. */
  async stop(deadlineMs = 1_000): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#isWriting) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, deadlineMs);
      this.#onIdle.push(resolve);
      await promise;
      clearTimeout(timer);
    }
    if (!this.#isWriting) this.#close();
  }

  #writeNext(): void {
    if (this.#isWriting || this.#waiting.length === 0 || this.#fd === null) return;
    const lines = this.#waiting;
    this.#waiting = [];
    this.#waitingCharacters = 0;
    this.#isWriting = true;
    const bytes = Buffer.from(this.#lead + lines.map(({ text }) => text).join(''));
    this.#lead = '';
    writeAll(this.#fd, bytes, (error) => {
      this.#isWriting = false;
      for (const closeBefore of this.#onWritten.splice(0)) closeBefore();
      if (error !== null) this.#fail(lines.length);
      for (const { settle } of lines) settle(error === null);
      this.#writeNext();
      if (this.#isWriting) return;
      for (const resolve of this.#onIdle.splice(0)) resolve();
    });
  }

  #fail(lines: number): void {
    const waiting = this.#waiting.splice(0);
    this.#waitingCharacters = 0;
    this.#lose(lines + waiting.length);
    for (const { settle } of waiting) settle(false);
    this.#retryLater();
  }

  #lose(lines: number): void {
    this.lostLines += lines;
    this.#unsaidLosses += lines;
  }

  #retryLater(): void {
    this.#timer = setTimeout(() => this.#retry(), retryMs).unref();
  }

  /** Opened anew: it may have been moved away, or its disk may have gone and come back. */
  #retry(): void {
    this.#close();
    open(this.#path, 'a', 0o600, (error, fd) => {
      if (this.#isStopped) {
        if (error === null) close(fd);
        return;
      }
      if (error !== null) {
        this.#retryLater();
        return;
      }
      this.#fd = fd;
      const losses = this.#unsaidLosses;
      writeAll(
        fd,
        Buffer.from(`${leadOf(this.#path, fd)}${this.#lossLine(losses)}\n`),
        (failure) => {
          if (failure !== null) {
            this.#retryLater();
            return;
          }
          this.#unsaidLosses -= losses;
          this.#timer = null;
        },
      );
    });
  }

  #close(): void {
    if (this.#fd !== null) close(this.#fd);
    this.#fd = null;
  }
}

/** A process that was killed, or a disk that was full, may have left the beginning of a line. */
function leadOf(path: string, fd: number): '' | '\n' {
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.size === 0) return '';
    const reading = openSync(path, 'r');
    try {
      const last = Buffer.alloc(1);
      readSync(reading, last, 0, 1, stat.size - 1);
      return last.toString('latin1') === '\n' ? '' : '\n';
    } finally {
      closeSync(reading);
    }
  } catch {
    // It may be written to and not be read: then nobody can say.
    return '';
  }
}

function writeAll(fd: number, bytes: Buffer, done: (error: Error | null) => void): void {
  write(fd, bytes, (error, written) => {
    if (error !== null) done(error);
    else if (written < bytes.length) writeAll(fd, bytes.subarray(written), done);
    else done(null);
  });
}
