import { argon2Sync } from 'node:crypto';
import type { Argon2idCost } from './argon2id-cost.ts';

/** One computation for the hashing pool. Plain values only: it crosses into a thread. */
export interface HashJob {
  readonly algorithm: 'argon2id';
  readonly password: string;
  readonly cost: Argon2idCost;
  readonly salt: Uint8Array;
  readonly keyBytes: number;
}

/**
 * Stretches a password into a key. Takes as long as the job says and blocks its thread meanwhile.
 */
export function deriveKey(job: HashJob): Uint8Array {
  const key = argon2Sync(job.algorithm, {
    message: Buffer.from(job.password, 'utf8'),
    nonce: job.salt,
    memory: job.cost.memoryKib,
    passes: job.cost.iterations,
    parallelism: job.cost.parallelism,
    tagLength: job.keyBytes,
  });
  // A copy of its own, as in argon2id-hash.ts: the way back to the main thread clones it too.
  return new Uint8Array(key);
}
