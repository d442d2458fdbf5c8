import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { getPriority } from 'node:os';
import { describe, expect, test } from 'vitest';
import { defaultCost } from '../../../src/passwords/argon2id-cost.ts';
import { deriveKey } from '../../../src/passwords/derive-key.ts';
import type { HashJob } from '../../../src/passwords/derive-key.ts';
import { HashPool } from '../../../src/passwords/hash-pool.ts';
import { within } from '../../support/wait-for.ts';

const cheap: HashJob = {
  algorithm: 'argon2id',
  password: 'correct horse battery staple',
  cost: { memoryKib: 8, iterations: 1, parallelism: 1 },
  salt: new Uint8Array(Buffer.from('saltsaltsaltsalt')),
  keyBytes: 16,
};
const usual: HashJob = { ...cheap, cost: defaultCost, keyBytes: 32 };

function fail(error: unknown): never {
  throw error;
}

async function startedPool(threads: number, queueMax: number): Promise<HashPool & AsyncDisposable> {
  const pool = new HashPool({ threads, queueMax }, fail);
  await pool.start();
  return Object.assign(pool, { [Symbol.asyncDispose]: () => pool.stop() });
}

describe('the hashing pool', () => {
  test('gives the key that the job has on this thread', async () => {
    await using pool = await startedPool(2, 8);
    for (const job of [cheap, usual]) {
      expect(await pool.deriveKey(job)).toEqual(deriveKey(job));
    }
    expect(pool.pendingJobs).toBe(0);
  });

  test('lets as many wait as it was told, and one more is unavailable', async () => {
    await using pool = await startedPool(2, 3);
    const answers = Array.from({ length: 7 }, () => pool.deriveKey(usual));
    expect(pool.pendingJobs).toBe(5);
    const kinds = (await Promise.all(answers)).map((key) => typeof key);
    expect(kinds).toEqual([...Array<string>(5).fill('object'), 'string', 'string']);
    expect(await pool.deriveKey(cheap)).toEqual(deriveKey(cheap));
  });

  test('with no queue takes one job per thread', async () => {
    await using pool = await startedPool(1, 0);
    const [first, second] = await Promise.all([pool.deriveKey(usual), pool.deriveKey(usual)]);
    expect(first).toBeInstanceOf(Uint8Array);
    expect(second).toBe('unavailable');
  });

  test('answers in the order of asking', async () => {
    await using pool = await startedPool(1, 8);
    const order: number[] = [];
    const asked = [0, 1, 2, 3, 4, 5].map(async (index) => {
      await pool.deriveKey(cheap);
      order.push(index);
    });
    await Promise.all(asked);
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('is unavailable before it starts and after it stopped', async () => {
    const pool = new HashPool({ threads: 1, queueMax: 1 }, fail);
    expect(await pool.deriveKey(cheap)).toBe('unavailable');
    await pool.start();
    await pool.start();
    await pool.stop();
    await pool.stop();
    expect(await pool.deriveKey(cheap)).toBe('unavailable');
    expect(pool.pendingJobs).toBe(0);
  });

  test('answers what is in progress when it stops: unavailable', async () => {
    const pool = new HashPool({ threads: 1, queueMax: 8 }, fail);
    await pool.start();
    const answers = Array.from({ length: 4 }, () => pool.deriveKey(usual));
    await pool.stop();
    expect(new Set(await within('answers', Promise.all(answers)))).toEqual(
      new Set(['unavailable']),
    );
  });

  test('starts again after it stopped', async () => {
    await using pool = await startedPool(1, 1);
    await pool.stop();
    await pool.start();
    expect(await pool.deriveKey(cheap)).toEqual(deriveKey(cheap));
  });

  test('says unavailable and reports it when a job fails, and goes on', async () => {
    const faults: unknown[] = [];
    const pool = new HashPool({ threads: 1, queueMax: 1 }, (error) => faults.push(error));
    await pool.start();
    const impossible = { ...cheap, cost: { memoryKib: 1, iterations: 1, parallelism: 1 } };
    expect(await pool.deriveKey(impossible)).toBe('unavailable');
    expect(faults).toHaveLength(1);
    expect(String(faults[0])).not.toContain(cheap.password);
    expect(await pool.deriveKey(cheap)).toEqual(deriveKey(cheap));
    await pool.stop();
  });

  test('leaves the priority of this thread alone', async () => {
    const before = getPriority();
    await using pool = await startedPool(1, 1);
    await pool.deriveKey(cheap);
    expect(getPriority()).toBe(before);
  });

  test('does not keep a process alive, nor does it take over odd options', async () => {
    const url = new URL('../../../src/passwords/hash-pool.ts', import.meta.url).href;
    const program = `
      const { HashPool } = await import(${JSON.stringify(url)});
      const pool = new HashPool({ threads: 2, queueMax: 2 }, (error) => { throw error; });
      await pool.start();
      process.stdout.write('started');
    `;
    const options = ['--expose-gc', '--input-type=module', '--conditions=odd', '--eval', program];
    const child = spawn(process.execPath, options, { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (piece) => {
      said += String(piece);
    });
    const [code] = await within('the process to end', once(child, 'close'), 10_000);
    expect({ code, said }).toEqual({ code: 0, said: 'started' });
  });
});
