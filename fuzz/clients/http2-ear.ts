import { FrameFlag, FrameType } from '../http2/frames.ts';

/** Hears when all streams of a connection are answered, without keeping what was said. */
export class Http2Ear {
  #open: number;
  #head = Buffer.alloc(0);
  #skip = 0;

  constructor(streams: number) {
    this.#open = streams;
  }

  /** True once nothing more is worth waiting for. */
  hear(piece: Buffer): boolean {
    let rest = piece;
    while (rest.length > 0) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, rest.length);
        this.#skip -= skipped;
        rest = rest.subarray(skipped);
        continue;
      }
      const missing = 9 - this.#head.length;
      this.#head = Buffer.concat([this.#head, rest.subarray(0, missing)]);
      rest = rest.subarray(missing);
      if (this.#head.length < 9) break;
      this.#frame(this.#head);
      this.#head = Buffer.alloc(0);
    }
    return this.#open <= 0;
  }

  #frame(head: Buffer): void {
    this.#skip = head.readUIntBE(0, 3);
    const type = head[3] ?? 0;
    const carriesEnd = type === FrameType.headers || type === FrameType.body;
    if (carriesEnd && ((head[4] ?? 0) & FrameFlag.endStream) !== 0) this.#open--;
    else if (type === FrameType.reset) this.#open--;
    else if (type === FrameType.goaway) this.#open = 0;
  }
}
