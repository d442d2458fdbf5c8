import { argon2Sync } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { costProblem } from '../../../src/passwords/argon2-cost.ts';
import { formatArgon2Hash, parseArgon2Hash } from '../../../src/passwords/argon2-hash.ts';
import { keyOfArgon2 } from '../../../src/passwords/stored-password.ts';
import { checkHere } from '../../support/keys-here.ts';

const salt = 'c2FsdHNhbHRzYWx0c2FsdA';
const tag = 'QKHrg5tayLGcN+Y0HVPNaBqykOVLUxlMkZycXE1uWRM';
const good = `$argon2id$v=19$m=19456,t=2,p=1$${salt}$${tag}`;

/**
 * Made with the reference implementation's command-line tool (Debian package argon2):
 *   printf %s PASSWORD | argon2 SALT -id -t ITERATIONS -k MEMORY -p PARALLELISM -l TAGBYTES -e
 */
const vectors: readonly (readonly [password: string, hash: string])[] = [
  // argon2 saltsaltsaltsalt -id -t 2 -k 19456 -p 1 -l 32 -e
  ['correct horse battery staple', good],
  // argon2 saltsaltsaltsalt -id -t 3 -k 65536 -p 4 -l 32 -e
  [
    'correct horse battery staple',
    `$argon2id$v=19$m=65536,t=3,p=4$${salt}$opK/12lewr2z5YpUKucJCUXASikIGYN+qjR3vL2e8go`,
  ],
  // argon2 saltsaltsaltsalt -id -t 1 -k 8 -p 1 -l 16 -e
  ['correct horse battery staple', `$argon2id$v=19$m=8,t=1,p=1$${salt}$9fjtq3oG7lMfEoslN4QnSg`],
  // argon2 saltsaltsaltsalt -id -t 2 -k 102400 -p 8 -l 64 -e (Django's cost)
  [
    'correct horse battery staple',
    `$argon2id$v=19$m=102400,t=2,p=8$${salt}$KRausBmpeAQEzT5sBgmZCPe8MKndlHsVAkpCwT+oG3eTyjeqAgqfSGNaYgY6iowOO0gxYsPdCvyV3lldTMiqVQ`,
  ],
  // argon2 abcdefgh -id -t 1 -k 64 -p 2 -l 24 -e, in a UTF-8 locale
  ['pässwörd-密碼', '$argon2id$v=19$m=64,t=1,p=2$YWJjZGVmZ2g$VJRVdjgvD8isSkA7Me0sNoMeZsDOM8th'],
  // argon2 saltsaltsaltsalt -i -t 2 -k 512 -p 2 -l 16 -e (Django's cost before 3.2)
  ['password', '$argon2i$v=19$m=512,t=2,p=2$c2FsdHNhbHRzYWx0c2FsdA$AJ7WrK6yD6WiBlHrMdbW7w'],
];

describe('an argon2 hash', () => {
  test('of the reference implementation is matched by its password and by no other', async () => {
    for (const [password, text] of vectors) {
      const parsed = parseArgon2Hash(text);
      if (parsed.kind === 'refused') throw new Error(`${text} ${parsed.reason}`);
      const stored = keyOfArgon2(parsed.hash);
      expect(await checkHere(password, stored), text).toBe('match');
      expect(await checkHere(`${password} `, stored), text).toBe('mismatch');
    }
  });

  test('is computed by the runtime as RFC 9106 §5.3 has it', () => {
    const key = argon2Sync('argon2id', {
      message: Buffer.alloc(32, 1),
      nonce: Buffer.alloc(16, 2),
      secret: Buffer.alloc(8, 3),
      associatedData: Buffer.alloc(12, 4),
      parallelism: 4,
      tagLength: 32,
      memory: 32,
      passes: 3,
    });
    expect(key.toString('hex')).toBe(
      '0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659',
    );
  });

  test('is written as it was read', () => {
    for (const [, text] of vectors) {
      const parsed = parseArgon2Hash(text);
      if (parsed.kind === 'refused') throw new Error(`${text} ${parsed.reason}`);
      expect(formatArgon2Hash(parsed.hash)).toBe(text);
    }
  });

  test('comes back from its text with the same cost, salt and tag', () => {
    const cost = fc
      .record({
        memoryKib: fc.integer({ min: 8, max: 262_144 }),
        iterations: fc.integer({ min: 1, max: 64 }),
        parallelism: fc.integer({ min: 1, max: 16 }),
      })
      .filter((candidate) => costProblem(candidate) === null);
    const hash = fc.record({
      variant: fc.constantFrom('argon2id' as const, 'argon2i' as const),
      cost,
      salt: fc.uint8Array({ minLength: 8, maxLength: 64 }),
      tag: fc.uint8Array({ minLength: 16, maxLength: 64 }),
    });
    fc.assert(
      fc.property(hash, (original) => {
        const parsed = parseArgon2Hash(formatArgon2Hash(original));
        expect(parsed).toEqual({ kind: 'parsed', hash: original });
      }),
    );
  });
});

describe('the parser of argon2 hashes', () => {
  const refused: readonly (readonly [claim: string, text: string])[] = [
    ['nothing', ''],
    ['a blank in front', ` ${good}`],
    ['a line break behind', `${good}\n`],
    ['argon2d', good.replace('argon2id', 'argon2d')],
    ['upper case', good.replace('argon2id', 'ARGON2ID')],
    ['version 16', good.replace('v=19', 'v=16')],
    ['no version', good.replace('$v=19', '')],
    ['parameters in another order', good.replace('m=19456,t=2', 't=2,m=19456')],
    ['a parameter more', good.replace('p=1', 'p=1,keyid=AAAA')],
    ['a leading zero', good.replace('t=2', 't=02')],
    ['a sign', good.replace('t=2', 't=+2')],
    ['a fraction', good.replace('t=2', 't=2.0')],
    ['no iterations', good.replace('t=2', 't=0')],
    ['no lanes', good.replace('p=1', 'p=0')],
    ['memory below eight blocks a lane', good.replace('m=19456,t=2,p=1', 'm=31,t=2,p=4')],
    ['4 GiB of memory', good.replace('m=19456', 'm=4194304')],
    ['a million iterations', good.replace('t=2', 't=1000000')],
    ['a thousand lanes', good.replace('m=19456,t=2,p=1', 'm=19456,t=2,p=1000')],
    ['a product of memory and iterations above the cap', good.replace('t=2', 't=54')],
    ['a number that no integer holds', good.replace('t=2', `t=${'9'.repeat(30)}`)],
    ['a short salt', good.replace(salt, 'c2FsdA')],
    ['a long salt', good.replace(salt, 'A'.repeat(88))],
    ['a short tag', good.replace(tag, 'c2FsdHNhbHQ')],
    ['no tag', good.replace(tag, '')],
    ['a tag that is missing with its $', good.replace(`$${tag}`, '')],
    ['padded base64', `${good}=`],
    ['base64 of the URL alphabet', good.replace('+', '-')],
    ['base64 with bits to spare', good.replace(/M$/, 'N')],
    ['a base64 length that is none', good.replace(salt, salt.slice(0, -1))],
    ['a part more', `${good}$`],
    ['a megabyte', `${good}${'A'.repeat(1_000_000)}`],
  ];

  test.each(refused)('refuses %s', (_claim, text) => {
    expect(text).not.toBe(good);
    expect(parseArgon2Hash(text).kind).toBe('refused');
  });

  test('accepts what the refused ones are made from', () => {
    expect(parseArgon2Hash(good).kind).toBe('parsed');
    expect(parseArgon2Hash(good.replace('t=2', 't=53')).kind).toBe('parsed');
  });

  test('never throws, and accepts only what it would write itself', () => {
    const mutated = fc
      .tuple(fc.constantFrom(...vectors.map(([, text]) => text)), fc.nat(120), fc.string())
      .map(([text, at, piece]) => text.slice(0, at) + piece + text.slice(at + piece.length));
    const any = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), mutated);
    fc.assert(
      fc.property(any, (text) => {
        const parsed = parseArgon2Hash(text);
        if (parsed.kind === 'parsed') expect(formatArgon2Hash(parsed.hash)).toBe(text);
        else expect(parsed.reason).not.toBe('');
      }),
      { numRuns: 2_000 },
    );
  });

  test('does not quote the text in its reason', () => {
    for (const [, text] of refused) {
      const parsed = parseArgon2Hash(text);
      if (parsed.kind === 'parsed' || text === '') continue;
      expect(parsed.reason).not.toContain(text);
      expect(parsed.reason).not.toContain(tag);
    }
  });
});
