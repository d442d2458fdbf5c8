import { randomFillSync } from 'node:crypto';

const ID_BYTES = 16;
const ID_DIGITS = 2 * ID_BYTES;
const POOL_BYTES = ID_BYTES * 512;
/** So many bytes become digits in one go: an id that somebody keeps holds on to no more than 32 of them. */
const BLOCK_BYTES = ID_BYTES * 32;

const pool = Buffer.allocUnsafeSlow(POOL_BYTES);
let poolAt = POOL_BYTES;
let block = '';
let blockAt = 0;

/** 32 lower-case hexadecimal digits of fresh randomness; the pool is filled once in 512 requests. */
export function nextRequestId(): string {
  if (blockAt === block.length) {
    if (poolAt === POOL_BYTES) {
      randomFillSync(pool);
      poolAt = 0;
    }
    block = pool.toString('hex', poolAt, (poolAt += BLOCK_BYTES));
    blockAt = 0;
  }
  return block.slice(blockAt, (blockAt += ID_DIGITS));
}
