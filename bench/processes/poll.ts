import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../../src/lib/clock.ts';

export interface PollOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
}

/** Asks until the answer is yes; false when the time is over first. */
export async function poll(
  isTrue: () => boolean | Promise<boolean>,
  options: PollOptions,
): Promise<boolean> {
  const deadlineMs = options.clock.monotonic() + options.timeoutMs;
  while (!(await isTrue())) {
    if (options.clock.monotonic() >= deadlineMs) return false;
    await wait(options.intervalMs, undefined, { signal: options.signal });
  }
  return true;
}
