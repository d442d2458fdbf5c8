import { describe, expect, test } from 'vitest';
import { checkPassword } from '../../../src/passwords/check-password.ts';
import { deriveKey } from '../../../src/passwords/derive-key.ts';
import type { HashJob } from '../../../src/passwords/derive-key.ts';
import { Decoys } from '../../../src/passwords/decoys.ts';
import { decoyOf, readStoredPassword } from '../../../src/passwords/stored-password.ts';
import type { StoredPassword } from '../../../src/passwords/stored-password.ts';

// printf %s 'correct horse battery staple' | argon2 saltsaltsaltsalt -id -t 1 -k 8 -p 1 -l 16 -e
const cheap = '$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$9fjtq3oG7lMfEoslN4QnSg';
// The same with -t 2 -k 64 -p 2 -l 24, salt abcdefgh: only its cost matters here.
const dearer = '$argon2id$v=19$m=64,t=2,p=2$YWJjZGVmZ2g$VJRVdjgvD8isSkA7Me0sNoMeZsDOM8th';

function stored(text: string, isPlainTextAllowed = false): StoredPassword {
  const read = readStoredPassword(text, isPlainTextAllowed);
  if (read.kind === 'refused') throw new Error(read.reason);
  return read.stored;
}

const here = { deriveKey: async (job: HashJob) => deriveKey(job) };

describe('a stored password', () => {
  test('is a hash unless plain text is allowed', () => {
    expect(stored(cheap).kind).toBe('argon2id');
    expect(readStoredPassword('pass1', false).kind).toBe('refused');
    expect(stored('pass1', true).kind).toBe('plain');
  });

  test('that looks like a hash is never taken as plain text', () => {
    expect(stored(cheap, true).kind).toBe('argon2id');
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
    const idle = { deriveKey: async (): Promise<never> => Promise.reject(new Error('hashed')) };
    const plain = stored('pass1', true);
    expect(await checkPassword('pass1', plain, idle)).toBe('match');
    expect(await checkPassword('pass1 ', plain, idle)).toBe('mismatch');
    expect(await checkPassword('PASS1', plain, idle)).toBe('mismatch');
  });

  test('is not checked when the pool is full: that is no mismatch', async () => {
    const full = { deriveKey: async () => 'unavailable' as const };
    expect(await checkPassword('x', stored(cheap), full)).toBe('unavailable');
  });
});

describe('a decoy', () => {
  test('has the cost and the lengths of the real one, and bytes of its own', () => {
    const real = stored(cheap);
    const [one, other] = [decoyOf(real), decoyOf(real)];
    if (real.kind !== 'argon2id' || one.kind !== 'argon2id' || other.kind !== 'argon2id') {
      throw new Error('not hashes');
    }
    expect(one.hash.cost).toEqual(real.hash.cost);
    expect(one.hash.salt).toHaveLength(real.hash.salt.length);
    expect(one.hash.tag).toHaveLength(real.hash.tag.length);
    expect(one.hash.salt).not.toEqual(real.hash.salt);
    expect(one.hash.tag).not.toEqual(real.hash.tag);
    expect(one.hash.tag).not.toEqual(other.hash.tag);
  });

  test('is not matched by the password of the real one', async () => {
    const password = 'correct horse battery staple';
    expect(await checkPassword(password, stored(cheap), here)).toBe('match');
    expect(await checkPassword(password, decoyOf(stored(cheap)), here)).toBe('mismatch');
    const plain = stored(password, true);
    expect(await checkPassword(password, decoyOf(plain), here)).toBe('mismatch');
  });
});

describe('the decoys of a directory', () => {
  test('give one name the same decoy every time', () => {
    const decoys = new Decoys([stored(cheap), stored(dearer)]);
    for (const name of ['a', 'b', 'c', 'd']) expect(decoys.pick(name)).toBe(decoys.pick(name));
  });

  test('are spread over names as the costs are over users', () => {
    const decoys = new Decoys([stored(cheap), stored(cheap), stored(cheap), stored(dearer)]);
    const names = Array.from({ length: 4_000 }, (_, index) => `name${index}`);
    const share = names.filter((name) => memoryOf(decoys.pick(name)) === 64).length / names.length;
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.3);
  });

  test('give the same name another place after the next start', () => {
    const real = Array.from({ length: 8 }, (_, index) =>
      stored(cheap.replace('t=1', `t=${index + 1}`)),
    );
    const names = Array.from({ length: 64 }, (_, index) => `name${index}`);
    const placesOf = (decoys: Decoys): string =>
      names.map((name) => iterationsOf(decoys.pick(name))).join();
    expect(placesOf(new Decoys(real))).not.toBe(placesOf(new Decoys(real)));
  });

  test('cost what new hashes cost where there is no user', () => {
    expect(memoryOf(new Decoys([]).pick('anybody'))).toBe(19_456);
  });
});

function memoryOf(password: StoredPassword): number {
  return password.kind === 'argon2id' ? password.hash.cost.memoryKib : 0;
}

function iterationsOf(password: StoredPassword): number {
  return password.kind === 'argon2id' ? password.hash.cost.iterations : 0;
}
