import type { SessionWrite, SessionWriteAnswer } from './session-writes.ts';
import { SqliteFailure, isBusy } from './sqlite-failure.ts';

/** How often a lock is asked for again, each time after having waited for it, until the answer is that it is held. */
const attemptsMax = 5;

interface Writer {
  perform(writes: readonly SessionWrite[]): SessionWriteAnswer[];
}

/**
 * Performs writes that came together as one transaction: under load many share one wait for the disk. Where that fails,
 * each is tried by itself, so that one bad write takes no other with it.
 */
export function performBatch(
  writer: Writer,
  path: string,
  writes: readonly SessionWrite[],
): SessionWriteAnswer[] {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return writer.perform(writes);
    } catch (error) {
      if (isBusy(error) && attempt < attemptsMax) continue;
      if (writes.length > 1 && !isBusy(error)) {
        return writes.flatMap((write) => performBatch(writer, path, [write]));
      }
      const { message } = SqliteFailure.of(path, error);
      return writes.map(() => ({ kind: 'failed', sentence: message }));
    }
  }
}
