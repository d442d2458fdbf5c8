import type { ResponseWriter } from './response-writer.ts';

const FIRST_MS = 300;
const MAX_MS = 3000;

/**
 * A FIN may be half a close or a whole one. Only a write can tell: a client that is gone answers it with a reset, and the
 * upstream is freed; one that listens skips 1xx (RFC 9110 §15.2).
 */
export class LeaveProbe {
  static readonly firstMs = FIRST_MS;
  #waitMs = FIRST_MS;

  /** Cuts off who has left. Returns when to ask again, in milliseconds. `minor`: HTTP/1.0 knows no 1xx. */
  ask(writer: ResponseWriter, minor: number): number {
    // Over TLS a reset behind an end is told to nobody, but then what was asked last never goes out.
    if (writer.isWaiting) writer.cut();
    else if (minor === 1) writer.interim(102);
    const waitMs = this.#waitMs;
    this.#waitMs = Math.min(waitMs * 2, MAX_MS);
    return waitMs;
  }
}
