import { setTimeout as pause } from 'node:timers/promises';

/**
 * Calls `begin` so many times a second, whether earlier calls have come to an end or not, as strangers would. `dueMs` is
 * when it should have been called: whoever measures from there sees also what a busy machine made wait.
 */
export async function paced(
  perSecond: number,
  seconds: number,
  begin: (index: number, dueMs: number) => void,
): Promise<void> {
  const startMs = performance.now();
  const count = Math.round(perSecond * seconds);
  for (let index = 0; index < count;) {
    const due = Math.min(count, ((performance.now() - startMs) * perSecond) / 1000);
    for (; index < due; index += 1) begin(index, startMs + (index * 1000) / perSecond);
    await pause(1);
  }
}
