import { describe, expect, it } from 'vitest';
import { hashPassword } from '../../src/passwords/hash-password.ts';
import type { KeyCheck } from '../../src/passwords/check-key.ts';
import { PasswordChecker } from '../../src/passwords/password-checker.ts';
import { readStoredPassword } from '../../src/passwords/stored-password.ts';

const read = readStoredPassword(
  hashPassword('right', { memoryKib: 19_456, iterations: 2, parallelism: 1 }),
  false,
);
const known = read.kind === 'read' ? [read.stored] : [];

describe('P47: what an unknown user is checked against is nobody’s password', () => {
  it('even a match with it lets nobody in', async () => {
    const keys = { checkKey: async () => ({ isMatch: true, spentMicroseconds: 1 }) };
    expect(await new PasswordChecker(keys, known).check('any', null)).toBe('mismatch');
  });

  it('is another one each time, and random', async () => {
    const seen: string[] = [];
    const keys = {
      checkKey: async ({ key, derivation }: KeyCheck) => {
        seen.push(Buffer.from(key).toString('hex') + Buffer.from(derivation.salt).toString('hex'));
        return { isMatch: false, spentMicroseconds: 1 };
      },
    };
    for (let start = 0; start < 3; start += 1) {
      await new PasswordChecker(keys, known).check('any', null);
    }
    expect(new Set(seen).size).toBe(3);
    for (const one of seen) expect(one).not.toMatch(/^(?:00)+/);
  });
});
