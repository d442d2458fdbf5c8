import type { BodySink } from '../../src/wire/body-sink.ts';

/** A body as it comes, one octet a character. */
export class Collected implements BodySink {
  text = '';

  write(bytes: Buffer, start: number, end: number): void {
    this.text += bytes.toString('latin1', start, end);
  }
}
