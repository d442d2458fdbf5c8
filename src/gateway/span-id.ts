import { randomFillSync } from 'node:crypto';

const ID_BYTES = 8;
const POOL_BYTES = ID_BYTES * 1024;

const pool = Buffer.allocUnsafeSlow(POOL_BYTES);
let at = POOL_BYTES;

/** 16 lower-case hexadecimal digits of fresh randomness; the pool is filled once in 1024 requests. */
export function nextSpanId(): string {
  if (at === POOL_BYTES) {
    randomFillSync(pool);
    at = 0;
  }
  // An id of zeros is none; one in 2^64.
  pool[at] = (pool[at] ?? 0) | 1;
  const id = pool.toString('hex', at, at + ID_BYTES);
  at += ID_BYTES;
  return id;
}
