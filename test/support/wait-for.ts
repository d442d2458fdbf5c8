import { setTimeout as pause } from 'node:timers/promises';
import { patientMs } from './patience.ts';

/** Waits until the condition holds; fails with what was waited for when the deadline has passed. */
export async function waitFor(
  what: string,
  condition: () => boolean | Promise<boolean>,
  ms = 5_000,
): Promise<void> {
  await waitForValue(what, async () => ((await condition()) ? true : null), ms);
}

/** Waits until there is a value, and gives it. */
export async function waitForValue<T>(
  what: string,
  look: () => T | null | Promise<T | null>,
  ms = 5_000,
): Promise<T> {
  const deadline = performance.now() + patientMs(ms);
  for (let round = 0; ; round++) {
    const value = await look();
    if (value !== null) return value;
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await pause(round < 20 ? 1 : 10);
  }
}

/** Waits until a figure has not moved for a while, and gives it. */
export async function waitForRest(what: string, read: () => number, restMs = 400): Promise<number> {
  let last = read();
  let movedAt = performance.now();
  await waitFor(
    `${what} to rest`,
    () => {
      const now = read();
      if (now !== last) movedAt = performance.now();
      last = now;
      return performance.now() - movedAt > restMs;
    },
    20_000,
  );
  return last;
}

/** Gives what the promise gives, or fails with what was waited for when the deadline has passed. */
export async function within<T>(what: string, promise: Promise<T>, ms = 5_000): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Error(`waited in vain: ${what}`));
  }, patientMs(ms));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
