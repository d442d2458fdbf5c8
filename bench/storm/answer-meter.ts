const headEnd = Buffer.from('\r\n\r\n');

/** Reads just enough of an HTTP/1.1 answer to know when it is over, and whether the connection is good for more. */
export class AnswerMeter {
  /** 0 until the head was read. */
  status = 0;
  isComplete = false;
  isConnectionKept = false;
  #pending: Buffer = Buffer.alloc(0);
  #phase: 'head' | 'length' | 'chunk-size' | 'chunk' | 'trailers' | 'to-the-end' = 'head';
  #left = 0;

  take(bytes: Buffer): void {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    while (!this.isComplete && this.#advance()) {
      // Each turn uses up some of what is pending.
    }
  }

  #advance(): boolean {
    switch (this.#phase) {
      case 'head':
        return this.#readHead();
      case 'length':
      case 'chunk':
        return this.#skipBody();
      case 'chunk-size':
        return this.#readChunkSize();
      case 'trailers':
        return this.#readTrailers();
      case 'to-the-end':
        this.#pending = Buffer.alloc(0);
        return false;
    }
  }

  #readHead(): boolean {
    const end = this.#pending.indexOf(headEnd);
    if (end < 0) return false;
    const head = this.#pending.toString('latin1', 0, end).toLowerCase();
    this.#pending = this.#pending.subarray(end + headEnd.length);
    this.status = Number(head.slice(9, 12));
    if (this.status < 200) return true; // 1xx: the answer is still to come.
    this.isConnectionKept = !/^connection:.*\bclose\b/m.test(head);
    const length = /^content-length: *(\d+)/m.exec(head)?.[1];
    if (/^transfer-encoding: *chunked/m.test(head)) this.#phase = 'chunk-size';
    else if (length !== undefined) this.#expect(Number(length), 'length');
    else if (this.status === 204 || this.status === 304) this.isComplete = true;
    else this.#phase = 'to-the-end';
    return true;
  }

  #expect(bytes: number, phase: 'length' | 'chunk'): void {
    this.#left = bytes;
    this.#phase = phase;
    if (bytes === 0) this.isComplete = true;
  }

  #skipBody(): boolean {
    const taken = Math.min(this.#left, this.#pending.length);
    this.#pending = this.#pending.subarray(taken);
    this.#left -= taken;
    if (this.#left > 0) return false;
    if (this.#phase === 'length') this.isComplete = true;
    else this.#phase = 'chunk-size';
    return true;
  }

  #readChunkSize(): boolean {
    const end = this.#pending.indexOf('\r\n');
    if (end < 0) return false;
    const size = Number.parseInt(this.#pending.toString('latin1', 0, end), 16);
    this.#pending = this.#pending.subarray(end + 2);
    if (size === 0) this.#phase = 'trailers';
    else this.#expect(size + 2, 'chunk'); // With the line end behind it.
    return true;
  }

  #readTrailers(): boolean {
    const end = this.#pending.indexOf('\r\n');
    if (end < 0) return false;
    this.#pending = this.#pending.subarray(end + 2);
    if (end === 0) this.isComplete = true;
    return true;
  }
}
