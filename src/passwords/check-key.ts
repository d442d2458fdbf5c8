import { pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { deriveKey } from './derive-key.ts';
import type { KeyDerivation } from './derive-key.ts';

/** One job of the hashing pool. Plain values only: it crosses into a thread. */
export interface KeyCheck {
  readonly password: string;
  readonly derivation: KeyDerivation;
  /** What the right password gives. */
  readonly key: Uint8Array;
  /**
   * Processor time that a mismatch takes at least. What a cheap hash leaves of it is worked off, so
   * that a refusal does not tell how dear the hash behind a name is.
   */
  readonly mismatchMicroseconds: number;
}

export interface KeyCheckResult {
  readonly isMatch: boolean;
  /** Processor time of the derivation alone. */
  readonly spentMicroseconds: number;
}

/**
 * Derives and compares, in constant time. In one job, because the second of two would wait in the
 * queue again, which a fuller queue makes visible.
 */
export function checkKey(job: KeyCheck): KeyCheckResult {
  const begun = processorMicroseconds();
  const key = deriveKey(job.password, job.derivation);
  const isMatch = key.length === job.key.length && timingSafeEqual(key, job.key);
  const spentMicroseconds = processorMicroseconds() - begun;
  if (!isMatch) workUntil(begun + job.mismatchMicroseconds);
  return { isMatch, spentMicroseconds };
}

/** About 30 µs of one core. */
const stepIterations = 200;
const nothing = new Uint8Array(16);

function workUntil(deadline: number): void {
  while (processorMicroseconds() < deadline) {
    pbkdf2Sync(nothing, nothing, stepIterations, 32, 'sha256');
  }
}

/** Of this thread: a wall clock would count what other threads took from it. */
function processorMicroseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}
