import type { Clock } from '../lib/clock.ts';
import { errorFields } from '../observability/error-fields.ts';
import type { Log } from '../observability/log.ts';

/** Said again after so long, however many requests meet it. */
const sayMs = 10_000;

/** Tells the log what is wrong with the file of the zones: each request may find out. */
export function zoneTrouble(log: Pick<Log, 'error'>, clock: Clock): (error: unknown) => void {
  let saidAtMs = -Infinity;
  return (error) => {
    const nowMs = clock.monotonic();
    if (nowMs - saidAtMs < sayMs) return;
    saidAtMs = nowMs;
    log.error('zones.failed', errorFields(error));
  };
}
