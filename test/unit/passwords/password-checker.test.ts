import { describe, expect, test } from 'vitest';
import { checkKey } from '../../../src/passwords/check-key.ts';
import type { KeyCheck, KeyCheckResult } from '../../../src/passwords/check-key.ts';
import { deriveKey } from '../../../src/passwords/derive-key.ts';
import type { KeyDerivation } from '../../../src/passwords/derive-key.ts';
import { PasswordChecker } from '../../../src/passwords/password-checker.ts';
import type { KeyChecker } from '../../../src/passwords/password-checker.ts';
import type { StoredKey } from '../../../src/passwords/stored-password.ts';

const salt = new Uint8Array(8);

function pbkdf2(iterations: number): StoredKey {
  const digest = 'sha256' as const;
  const derivation = { algorithm: 'pbkdf2' as const, digest, iterations, salt, keyBytes: 32 };
  return { kind: 'key', derivation, key: deriveKey('right', derivation) };
}

/** Takes one microsecond an iteration, without doing anything. */
class PaperKeys implements KeyChecker {
  readonly jobs: KeyCheck[] = [];

  async checkKey(job: KeyCheck): Promise<KeyCheckResult> {
    this.jobs.push(job);
    return { isMatch: job.password === 'right', spentMicroseconds: iterationsOf(job.derivation) };
  }

  /** What the jobs since the last look took, derivation and the rest together. */
  taken(): number[] {
    return this.jobs
      .splice(0)
      .map((job) => Math.max(iterationsOf(job.derivation), job.mismatchMicroseconds));
  }
}

function iterationsOf(derivation: KeyDerivation): number {
  return derivation.algorithm === 'pbkdf2' ? derivation.iterations : 0;
}

describe('the check of a password', () => {
  const cheap = pbkdf2(100);
  const middle = pbkdf2(200);
  const dear = pbkdf2(1_000);

  test('takes one job for every refusal, as long as the dearest hash takes', async () => {
    const keys = new PaperKeys();
    const checker = new PasswordChecker(keys, [cheap, dear, middle]);
    await checker.check('wrong', null);
    expect(keys.taken()).toEqual([1_000]);
    for (const stored of [null, cheap, middle, dear]) {
      expect(await checker.check('wrong', stored)).toBe('mismatch');
      expect(keys.taken(), JSON.stringify(stored?.derivation)).toEqual([1_000]);
    }
  });

  test('computes the dearest first where nothing has told yet how long it takes', async () => {
    const keys = new PaperKeys();
    const checker = new PasswordChecker(keys, [cheap, dear]);
    await Promise.all([checker.check('wrong', cheap), checker.check('wrong', cheap)]);
    expect(keys.taken()).toEqual([1_000, 1_000, 1_000]);
  });

  test('does not hold up who is right', async () => {
    const keys = new PaperKeys();
    const checker = new PasswordChecker(keys, [cheap, dear]);
    await checker.check('wrong', null);
    expect(await checker.check('right', cheap)).toBe('match');
    expect(checkKey({ ...cheapJob(cheap), mismatchMicroseconds: 1e12 })).toMatchObject({
      isMatch: true,
    });
  });

  test('learns of a dearer hash when it is seen, and from then on refuses as slowly', async () => {
    const keys = new PaperKeys();
    const checker = new PasswordChecker(keys, [cheap]);
    await checker.check('wrong', null);
    expect(keys.taken()).toEqual([100]);
    await checker.check('wrong', dear);
    keys.taken();
    await checker.check('wrong', null);
    await checker.check('wrong', cheap);
    expect(keys.taken()).toEqual([1_000, 1_000]);
    checker.learn([pbkdf2(3_000)]);
    await checker.check('wrong', null);
    expect(keys.taken()).toEqual([3_000]);
  });

  test('goes by the time that a hash was seen to take, not by what was expected of it', async () => {
    const bcrypt: StoredKey = {
      kind: 'key',
      derivation: { algorithm: 'bcrypt', rounds: 12, salt: 'x'.repeat(22), isDigested: false },
      key: new Uint8Array(31),
    };
    const keys = new PaperKeys();
    const checker = new PasswordChecker(keys, [dear, bcrypt]);
    // Expected to be the dearest, it turns out to take nothing here.
    for (const stored of [null, dear, null]) await checker.check('wrong', stored);
    const algorithms = keys.jobs.map((job) => job.derivation.algorithm);
    expect(algorithms).toEqual(['bcrypt', 'pbkdf2', 'pbkdf2']);
  });

  test('never matches nobody, whatever comes out of the decoy', async () => {
    const keys = new PaperKeys();
    for (const known of [[], [cheap]]) {
      expect(await new PasswordChecker(keys, known).check('right', null)).toBe('mismatch');
    }
  });

  test('has a decoy that costs what new hashes cost where nothing is known', async () => {
    const keys = new PaperKeys();
    await new PasswordChecker(keys, []).check('wrong', null);
    expect(keys.jobs[0]?.derivation).toMatchObject({
      algorithm: 'argon2id',
      cost: { memoryKib: 19_456 },
    });
  });

  test('works off what a cheap hash leaves of the time', () => {
    const job = { ...cheapJob(cheap), password: 'wrong', mismatchMicroseconds: 20_000 };
    const before = process.threadCpuUsage();
    const { isMatch, spentMicroseconds } = checkKey(job);
    const { user, system } = process.threadCpuUsage(before);
    expect(isMatch).toBe(false);
    expect(user + system).toBeGreaterThanOrEqual(20_000);
    expect(spentMicroseconds).toBeLessThan(20_000);
  });
});

function cheapJob({ derivation, key }: StoredKey): KeyCheck {
  return { password: 'right', derivation, key, mismatchMicroseconds: 0 };
}
