import { getPriority, setPriority } from 'node:os';

/** What a thread of the hashing pool runs: loaded by path from hash-pool.ts, imported by nobody. */
export { checkKey } from './check-key.ts';

/** Somewhat below the event loop: a wave of logins gets what proxying leaves, but never nothing. */
const niceness = 5;

stepBack();

function stepBack(): void {
  // On Linux a priority belongs to the thread that sets it; elsewhere it would be the whole
  // process's.
  if (process.platform !== 'linux') return;
  try {
    // Only ever downwards: the process may have been started with less than we would take.
    if (getPriority() < niceness) setPriority(niceness);
  } catch {
    // A sandbox may forbid the call. Hashing works all the same.
  }
}
