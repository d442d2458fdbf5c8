import { randomFillSync } from 'node:crypto';

const ID_BYTES = 16;
const POOL_BYTES = ID_BYTES * 512;

const pool = Buffer.allocUnsafeSlow(POOL_BYTES);
let at = POOL_BYTES;

/** 32 lower-case hexadecimal digits of fresh randomness; the pool is filled once in 512 requests. */
export function nextRequestId(): string {
  if (at === POOL_BYTES) {
    randomFillSync(pool);
    at = 0;
  }
  const id = pool.toString('hex', at, at + ID_BYTES);
  at += ID_BYTES;
  return id;
}
