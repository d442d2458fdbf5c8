import type { Clock } from '../lib/clock.ts';
import type { Check, Finding } from './check.ts';
import { openRedis, storeName } from './redis-check.ts';

/** By more than that somebody would notice when a session ends, or refuse a token that has just been signed. */
const skewMsMax = 2_000;
/** Nobody runs this before it was written. */
const earliestMs = Date.UTC(2025, 0, 1);

/** Whether our clock and those of others agree. */
export const clocksCheck: Check = {
  name: 'clocks',
  examine: async ({ clock, config }) => {
    const findings: Finding[] = [];
    const seen = ['this machine'];
    if (clock.now() < earliestMs) {
      findings.push({
        subject: 'the clock of this machine',
        fault: `says ${new Date(clock.now()).toISOString()}, which is long ago`,
        remedy: 'set it, and let chrony or systemd-timesyncd keep it',
      });
    }
    const { store } = config.sessions;
    if (store.type === 'redis') {
      const subject = storeName(store);
      const skewMs = await skewOf(() => openRedis(store), clock);
      if (skewMs !== null) seen.push(subject);
      if (skewMs !== null && Math.abs(skewMs) > skewMsMax) {
        findings.push({
          subject: `the clock of ${subject}`,
          fault: `is ${(Math.abs(skewMs) / 1000).toFixed(1)} s ${skewMs > 0 ? 'ahead of' : 'behind'} that of this machine: sessions and signed tokens end too early or too late`,
          remedy: 'let chrony or systemd-timesyncd keep both clocks',
        });
      }
    }
    return { kind: 'looked', seen: seen.join(', '), findings };
  },
};

/** Null where nobody answers: whoever looks after Redis says so. */
async function skewOf(
  open: () => ReturnType<typeof openRedis>,
  clock: Clock,
): Promise<number | null> {
  try {
    const client = await open();
    try {
      const before = clock.now();
      const [seconds, microseconds] = await client.time();
      const after = clock.now();
      return Number(seconds) * 1000 + Number(microseconds) / 1000 - (before + after) / 2;
    } finally {
      client.disconnect();
    }
  } catch {
    return null;
  }
}
