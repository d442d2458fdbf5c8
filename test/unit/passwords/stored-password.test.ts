import { describe, expect, test } from 'vitest';
import { decoyOf, readStoredPassword } from '../../../src/passwords/stored-password.ts';
import type { StoredKey, StoredPassword } from '../../../src/passwords/stored-password.ts';
import { PasswordChecker } from '../../../src/passwords/password-checker.ts';
import { checkHere, KeysHere } from '../../support/keys-here.ts';

// printf %s 'correct horse battery staple' | argon2 saltsaltsaltsalt -id -t 1 -k 8 -p 1 -l 16 -e
const cheap = '$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$9fjtq3oG7lMfEoslN4QnSg';

function stored(text: string, isPlainTextAllowed = false): StoredPassword {
  const read = readStoredPassword(text, isPlainTextAllowed);
  if (read.kind === 'refused') throw new Error(read.reason);
  return read.stored;
}

function storedKey(text: string): StoredKey {
  const read = stored(text);
  if (read.kind !== 'key') throw new Error('not a hash');
  return read;
}

describe('a stored password', () => {
  test('is a hash unless plain text is allowed', () => {
    expect(stored(cheap).kind).toBe('key');
    expect(readStoredPassword('pass1', false).kind).toBe('refused');
    expect(stored('pass1', true).kind).toBe('plain');
  });

  test('that looks like a hash is never taken as plain text', () => {
    expect(stored(cheap, true).kind).toBe('key');
    for (const broken of [`${cheap}=`, cheap.replace('argon2id', 'argon2i')]) {
      expect(readStoredPassword(broken, true).kind).toBe('refused');
    }
  });

  test('in plain text must be one that a login can present', () => {
    for (const text of ['', 'a\0b', 'x'.repeat(5000)]) {
      expect(readStoredPassword(text, true).kind).toBe('refused');
    }
  });

  test('in plain text is matched by itself alone, and asks for no hashing', async () => {
    const keys = new KeysHere();
    const plain = stored('pass1', true);
    const checker = new PasswordChecker(keys, [plain]);
    expect(await checker.check('pass1', plain)).toBe('match');
    expect(await checker.check('pass1 ', plain)).toBe('mismatch');
    expect(await checker.check('PASS1', plain)).toBe('mismatch');
    expect(await checker.check('pass1', null)).toBe('mismatch');
    expect(keys.jobs).toEqual([]);
  });

  test('is not checked when the pool is full: that is no mismatch', async () => {
    const full = { checkKey: async () => 'unavailable' as const };
    const checker = new PasswordChecker(full, [stored(cheap)]);
    expect(await checker.check('x', stored(cheap))).toBe('unavailable');
    expect(await checker.check('x', null)).toBe('unavailable');
  });
});

describe('a decoy', () => {
  test('has the cost and the lengths of the real one, and bytes of its own', () => {
    const real = storedKey(cheap);
    const [one, other] = [decoyOf(real), decoyOf(real)];
    expect(one.derivation).toEqual(real.derivation);
    expect(one.key).toHaveLength(real.key.length);
    expect(one.key).not.toEqual(real.key);
    expect(one.key).not.toEqual(other.key);
  });

  test('is not matched by the password of the real one', async () => {
    const password = 'correct horse battery staple';
    expect(await checkHere(password, stored(cheap))).toBe('match');
    expect(await checkHere(password, decoyOf(storedKey(cheap)))).toBe('mismatch');
  });
});
