/** A system call for a few hundred lines. */
const CHUNK_BYTES = 64 * 1024;
/** UTF-8 of one unit of a string, at most. */
const UNIT_BYTES_MAX = 3;
const NEWLINE = 10;

/**
 * Lines that wait to be written, as octets. Strings would be put together from parts, and hundreds of lines of parts would
 * survive collections before anybody looks at them.
 */
export class LineBatch {
  readonly #full: Buffer[] = [];
  #chunk: Buffer | null = null;
  #used = 0;
  /** One that was written, for the next lines. */
  #spare: Buffer | null = null;
  /** The one that was taken last. */
  #taken: Buffer | null = null;
  #fullBytes = 0;

  /** All that waits. */
  get bytes(): number {
    return this.#fullBytes + this.#used;
  }

  add(line: string): void {
    const bytesMax = line.length * UNIT_BYTES_MAX + 1;
    if (this.#chunk === null || this.#chunk.length - this.#used < bytesMax) this.#turn(bytesMax);
    const chunk = this.#chunk;
    if (chunk === null) return;
    const end = this.#used + chunk.write(line, this.#used);
    chunk[end] = NEWLINE;
    this.#used = end + 1;
  }

  /** The oldest lines, whole ones; null: there are none. */
  take(): Buffer | null {
    const first = this.#full.shift();
    if (first !== undefined) {
      this.#fullBytes -= first.length;
      this.#taken = first;
      return first;
    }
    if (this.#chunk === null || this.#used === 0) return null;
    const last = this.#chunk.subarray(0, this.#used);
    this.#taken = last;
    this.#chunk = null;
    this.#used = 0;
    return last;
  }

  /** What was taken last has been written: `bytes` is it, or its end, or a copy. */
  giveBack({ buffer }: Buffer): void {
    if (this.#taken?.buffer === buffer && buffer.byteLength === CHUNK_BYTES) {
      this.#spare = Buffer.from(buffer);
    }
    this.#taken = null;
  }

  /** A chunk with room for so much. */
  #turn(bytesMax: number): void {
    if (this.#chunk !== null && this.#used > 0) {
      this.#full.push(this.#chunk.subarray(0, this.#used));
      this.#fullBytes += this.#used;
    }
    this.#used = 0;
    if (bytesMax > CHUNK_BYTES) this.#chunk = Buffer.allocUnsafeSlow(bytesMax);
    else {
      this.#chunk = this.#spare ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
      this.#spare = null;
    }
  }
}
