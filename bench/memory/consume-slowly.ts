import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';

/** So often it stops, and for so long: a gateway that buffers what nobody takes gets fat in the meantime. */
const stopEveryBytes = 192 * 1024 * 1024;
const stopMs = 1_500;

/** Reads a body to its end, standing still now and then where `isSlow`; gives its length. */
export async function consumeSlowly(body: Readable, isSlow: boolean): Promise<number> {
  let bytes = 0;
  // From the start, while everybody's buffers are still empty.
  let stopAt = 1;
  for await (const piece of body) {
    // Of a stream without an encoding.
    bytes += (piece as Buffer).length;
    if (!isSlow || bytes < stopAt) continue;
    stopAt = bytes + stopEveryBytes;
    await wait(stopMs);
  }
  return bytes;
}
