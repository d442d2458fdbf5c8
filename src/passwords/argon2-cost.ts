/** What one argon2 hash costs to compute (RFC 9106 §3.1). */
export interface Argon2Cost {
  /** KiB of memory that one computation fills. */
  readonly memoryKib: number;
  /** Passes over that memory. */
  readonly iterations: number;
  /** Lanes the memory is divided into; a computation of ours runs them one after another. */
  readonly parallelism: number;
}

/**
 * For new hashes: 19 MiB, two passes, one lane, as the OWASP Password Storage Cheat Sheet has it.
 * About 35 ms of one core: dear for whoever stole the file, bearable for whoever logs in.
 */
export const defaultCost: Argon2Cost = Object.freeze({
  memoryKib: 19_456,
  iterations: 2,
  parallelism: 1,
});

/**
 * The dearest hash that is computed. The cost comes from the stored string, so whoever can write
 * one row of a directory could stall every login with it; these caps turn such a row into a problem
 * that is reported. They let pass what is in use: Django's 100 MiB in two passes and eight lanes,
 * and the 64 MiB in three passes and four lanes that RFC 9106 §4 recommends second.
 */
const memoryKibMax = 262_144;
const iterationsMax = 64;
const parallelismMax = 16;
/** Memory times passes is what the time grows with: this much is about a second of one core. */
const workKibMax = 1_048_576;

/** Says what is wrong with a cost in one sentence; null when it may be computed. */
export function costProblem(cost: Argon2Cost): string | null {
  const { memoryKib, iterations, parallelism } = cost;
  if (!isWhole(parallelism, 1, parallelismMax)) {
    return `the parallelism must be a whole number from 1 to ${parallelismMax}`;
  }
  if (!isWhole(iterations, 1, iterationsMax)) {
    return `the iterations must be a whole number from 1 to ${iterationsMax}`;
  }
  // RFC 9106 §3.1: each lane needs eight blocks of 1 KiB.
  const memoryKibMin = 8 * parallelism;
  if (!isWhole(memoryKib, memoryKibMin, memoryKibMax)) {
    return `the memory must be a whole number of KiB from ${memoryKibMin} to ${memoryKibMax}`;
  }
  if (memoryKib * iterations > workKibMax) {
    return `memory times iterations must be at most ${workKibMax} KiB`;
  }
  return null;
}

function isWhole(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}
