import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { getPriority } from 'node:os';
import { describe, expect, test } from 'vitest';
import { defaultCost } from '../../../src/passwords/argon2-cost.ts';
import { checkKey } from '../../../src/passwords/check-key.ts';
import type { KeyCheck } from '../../../src/passwords/check-key.ts';
import { deriveKey } from '../../../src/passwords/derive-key.ts';
import type { KeyDerivation } from '../../../src/passwords/derive-key.ts';
import { HashPool } from '../../../src/passwords/hash-pool.ts';
import { HashTurn } from '../../../src/passwords/hash-turn.ts';
import { within } from '../../support/wait-for.ts';

const password = 'correct horse battery staple';
const salt = new Uint8Array(Buffer.from('saltsaltsaltsalt'));

function checkOf(derivation: KeyDerivation): KeyCheck {
  const key = deriveKey(password, derivation);
  return { password, derivation, key, mismatchMicroseconds: 0 };
}

const cost = { memoryKib: 8, iterations: 1, parallelism: 1 };
const cheap = checkOf({ algorithm: 'argon2id', cost, salt, keyBytes: 16 });
const usual = checkOf({ algorithm: 'argon2id', cost: defaultCost, salt, keyBytes: 32 });

const slow = checkOf({
  ...{ algorithm: 'pbkdf2', digest: 'sha256', iterations: 600_000 },
  ...{ salt, keyBytes: 32 },
});

function fail(error: unknown): never {
  throw error;
}

async function startedPool(
  threads: number,
  queueMax: number,
  queueTimeoutMs = 60_000,
): Promise<HashPool & AsyncDisposable> {
  const pool = new HashPool({ threads, queueMax, queueTimeoutMs }, fail);
  await pool.start();
  return Object.assign(pool, { [Symbol.asyncDispose]: () => pool.stop() });
}

describe('the hashing pool', () => {
  test('is full when the next check would be turned away, and not before', async () => {
    await using pool = await startedPool(1, 1);
    expect(pool.isFull).toBe(false);
    const [running, waiting] = [pool.checkKey(slow), pool.checkKey(slow)];
    expect(pool.isFull).toBe(true);
    expect(await pool.checkKey(cheap)).toBe('unavailable');
    await Promise.all([running, waiting]);
    expect(pool.isFull).toBe(false);
  });

  test('says of a key what this thread says, whatever derives it', async () => {
    await using pool = await startedPool(2, 8);
    const jobs = [
      cheap,
      usual,
      checkOf({ algorithm: 'pbkdf2', digest: 'sha1', iterations: 10, salt, keyBytes: 20 }),
      checkOf({
        ...{ algorithm: 'scrypt', cost: 2, blockSize: 1, parallelization: 1 },
        ...{ salt, keyBytes: 64 },
      }),
      checkOf({ algorithm: 'bcrypt', rounds: 4, salt: 'abcdefghijklmnopqrstuu', isDigested: true }),
      checkOf({ algorithm: 'digest', digest: 'md5', salt }),
    ];
    for (const job of jobs) {
      for (const word of [password, 'wrong']) {
        const { isMatch } = checkKey({ ...job, password: word });
        expect(isMatch).toBe(word === password);
        expect(await pool.checkKey({ ...job, password: word })).toMatchObject({ isMatch });
      }
    }
    expect(pool.pendingJobs).toBe(0);
  });

  test('lets as many wait as it was told, and one more is unavailable', async () => {
    await using pool = await startedPool(2, 3);
    const answers = Array.from({ length: 7 }, () => pool.checkKey(usual));
    expect(pool.pendingJobs).toBe(5);
    const kinds = (await Promise.all(answers)).map((key) => typeof key);
    expect(kinds).toEqual([...Array<string>(5).fill('object'), 'string', 'string']);
    expect(await pool.checkKey(cheap)).toMatchObject({ isMatch: true });
  });

  test('lets nobody wait longer than it was told', async () => {
    await using pool = await startedPool(1, 8, 20);
    const [first, second] = [pool.checkKey(slow), pool.checkKey(cheap)];
    // The second would have had its turn after the first, which is still at work.
    expect(await Promise.race([first, second])).toBe('unavailable');
    expect(await first).toMatchObject({ isMatch: true });
    // What takes so long is known now: nobody is let wait for nothing.
    const third = pool.checkKey(slow);
    expect(await Promise.race([third, pool.checkKey(cheap)])).toBe('unavailable');
    expect(pool.pendingJobs).toBe(1);
    await third;
    expect(await pool.checkKey(cheap)).toMatchObject({ isMatch: true });
  });

  test('with no queue takes one job per thread', async () => {
    await using pool = await startedPool(1, 0);
    const [first, second] = await Promise.all([pool.checkKey(usual), pool.checkKey(usual)]);
    expect(first).toMatchObject({ isMatch: true });
    expect(second).toBe('unavailable');
  });

  test('answers in the order of asking', async () => {
    await using pool = await startedPool(1, 8);
    const order: number[] = [];
    const asked = [0, 1, 2, 3, 4, 5].map(async (index) => {
      await pool.checkKey(cheap);
      order.push(index);
    });
    await Promise.all(asked);
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('lets a login go on where it stood, ahead of all who came after it', async () => {
    await using pool = await startedPool(1, 8);
    const order: string[] = [];
    const first = new HashTurn();
    const asked = ['second', 'third'].map((name) => async () => {
      await pool.checkKey(cheap);
      order.push(name);
    });
    const running = pool.checkKey(cheap, first);
    const others = asked.map((ask) => ask());
    await running;
    // The second has its turn by now.
    await pool.checkKey(cheap, first);
    order.push('first');
    await Promise.all(others);
    expect(order).toEqual(['second', 'first', 'third']);
  });

  test('turns nobody away who has waited, however full it is', async () => {
    await using pool = await startedPool(1, 1);
    const turn = new HashTurn();
    await pool.checkKey(cheap, turn);
    const [running, waiting] = [pool.checkKey(usual), pool.checkKey(cheap)];
    expect(pool.isFull).toBe(true);
    expect(await pool.checkKey(cheap, turn)).toMatchObject({ isMatch: true });
    await Promise.all([running, waiting]);
  });

  test('has one deadline for all checks of a login', async () => {
    await using pool = await startedPool(1, 8, 20);
    const turn = new HashTurn();
    await pool.checkKey(cheap, turn);
    const running = pool.checkKey(slow);
    expect(await Promise.race([running, pool.checkKey(cheap, turn)])).toBe('unavailable');
    await running;
  });

  test('knows what a login takes when the login has ended', async () => {
    await using pool = await startedPool(1, 8, 10);
    const turn = new HashTurn();
    await pool.checkKey(slow, turn);
    const running = pool.checkKey(slow, turn);
    expect(pool.isFull).toBe(false);
    turn.end();
    expect(pool.isFull).toBe(true);
    await running;
  });

  test('is unavailable before it starts and after it stopped', async () => {
    const pool = new HashPool({ threads: 1, queueMax: 1, queueTimeoutMs: 60_000 }, fail);
    expect(await pool.checkKey(cheap)).toBe('unavailable');
    await pool.start();
    await pool.start();
    await pool.stop();
    await pool.stop();
    expect(await pool.checkKey(cheap)).toBe('unavailable');
    expect(pool.pendingJobs).toBe(0);
  });

  test('answers what is in progress when it stops: unavailable', async () => {
    const pool = new HashPool({ threads: 1, queueMax: 8, queueTimeoutMs: 60_000 }, fail);
    await pool.start();
    const answers = Array.from({ length: 4 }, () => pool.checkKey(usual));
    await pool.stop();
    expect(new Set(await within('answers', Promise.all(answers)))).toEqual(
      new Set(['unavailable']),
    );
  });

  test('starts again after it stopped', async () => {
    await using pool = await startedPool(1, 1);
    await pool.stop();
    await pool.start();
    expect(await pool.checkKey(cheap)).toMatchObject({ isMatch: true });
  });

  test('says unavailable and reports it when a job fails, and goes on', async () => {
    const faults: unknown[] = [];
    const pool = new HashPool({ threads: 1, queueMax: 1, queueTimeoutMs: 60_000 }, (error) =>
      faults.push(error),
    );
    await pool.start();
    const tooLittle = { memoryKib: 1, iterations: 1, parallelism: 1 };
    const impossible = {
      ...cheap,
      derivation: { algorithm: 'argon2id' as const, cost: tooLittle, salt, keyBytes: 16 },
    };
    expect(await pool.checkKey(impossible)).toBe('unavailable');
    expect(faults).toHaveLength(1);
    expect(String(faults[0])).not.toContain(password);
    expect(await pool.checkKey(cheap)).toMatchObject({ isMatch: true });
    await pool.stop();
  });

  test('leaves the priority of this thread alone', async () => {
    const before = getPriority();
    await using pool = await startedPool(1, 1);
    await pool.checkKey(cheap);
    expect(getPriority()).toBe(before);
  });

  test('does not keep a process alive, nor does it take over odd options', async () => {
    const url = new URL('../../../src/passwords/hash-pool.ts', import.meta.url).href;
    const program = `
      const { HashPool } = await import(${JSON.stringify(url)});
      const pool = new HashPool({ threads: 2, queueMax: 2, queueTimeoutMs: 60_000 }, (error) => { throw error; });
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
