import { systemClock } from '../../src/lib/clock.ts';
import { ask } from './ask.ts';
import type { Child } from './child.ts';
import { poll } from './poll.ts';

const startTimeoutMs = 15_000;

/** Waits until a process that was started answers at its port, whatever it says as long as it is no failure. */
export async function untilAnswering(
  child: Child,
  where: { readonly port: number; readonly isSecure: boolean },
  signal: AbortSignal,
): Promise<void> {
  const isReady = async (): Promise<boolean> => {
    if (child.hasEnded) await child.untilEnded();
    try {
      return (await ask({ ...where, path: '/api/ready' })).status < 500;
    } catch {
      return false;
    }
  };
  const options = { clock: systemClock, timeoutMs: startTimeoutMs, intervalMs: 50, signal };
  if (!(await poll(isReady, options))) {
    throw new Error(`${child.name} is not ready after ${startTimeoutMs} ms.\n${child.logTail()}`);
  }
}
