import type { FieldNames } from '../http/field-names.ts';
import type { BodySink } from './body-sink.ts';
import { ChunkedDecoder, type ChunkProblem } from './chunked-decoder.ts';
import { READ_BYTES_MAX } from './read-buffer.ts';
import type { RequestHead } from './request-head.ts';

/** The body of the request that a connection is reading, whichever way it is framed. One per connection. */
export class RequestBody {
  readonly #names: FieldNames;
  #head: RequestHead | null = null;
  #left = 0;
  #decoder: ChunkedDecoder | null = null;

  constructor(names: FieldNames) {
    this.#names = names;
  }

  get isDone(): boolean {
    return this.#decoder === null ? this.#left === 0 : this.#decoder.isDone;
  }

  /** So much of it is still to come that no read reaches behind it. In chunks: nobody knows. */
  get isLong(): boolean {
    return this.#left >= READ_BYTES_MAX;
  }

  begin(head: RequestHead, bodyBytesMax: number): void {
    this.#head = head;
    head.bodyBytesMax = bodyBytesMax;
    this.#decoder = head.isChunked ? new ChunkedDecoder(this.#names, bodyBytesMax) : null;
    this.#left = head.isChunked ? 0 : Math.max(0, head.contentLength);
  }

  /** Takes what belongs to the body from `bytes[start, end)`; returns the offset behind it, or the problem. */
  feed(bytes: Buffer, start: number, end: number, sink: BodySink): number | ChunkProblem {
    if (this.#decoder !== null) {
      this.#decoder.bodyBytesMax = this.#head?.bodyBytesMax ?? 0;
      return this.#decoder.decode(bytes, start, end, sink);
    }
    const stop = Math.min(end, start + this.#left);
    this.#left -= stop - start;
    if (stop > start) sink.write(bytes, start, stop);
    return stop;
  }
}
