import type { BodySink } from './body-sink.ts';

/** A body that we want whole, up to a bound. */
export class BodyCollector implements BodySink {
  #pieces: Buffer[] = [];
  #bytes = 0;
  #bytesMax = 0;

  begin(bytesMax: number): void {
    this.#pieces = [];
    this.#bytes = 0;
    this.#bytesMax = bytesMax;
  }

  get isOver(): boolean {
    return this.#bytes > this.#bytesMax;
  }

  write(bytes: Buffer, start: number, end: number): void {
    this.#bytes += end - start;
    if (!this.isOver) this.#pieces.push(Buffer.from(bytes.subarray(start, end)));
  }

  take(): Buffer {
    const pieces = this.#pieces;
    this.#pieces = [];
    return Buffer.concat(pieces);
  }
}
