import type { SessionWrite } from './session-writes.ts';

/** Longer than any disk that one would keep sessions on. */
const usualMs = 2_000;
/** Every row of the file in one transaction: 200,000 sessions took 13 seconds on a busy machine with two cores. */
const everybodyMs = 240_000;

/** How long the writer of a session file may take for an answer; the outcome is unknown then. */
export function writePatienceOf({ deed }: SessionWrite): number {
  return deed === 'revokeAll' ? everybodyMs : usualMs;
}
