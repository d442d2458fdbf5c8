import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDjangoHash } from '../../../src/passwords/django-hash.ts';
import type { DjangoHashRules } from '../../../src/passwords/django-hash.ts';
import { checkHere } from '../../support/keys-here.ts';

const strict: DjangoHashRules = { iterationsMax: 5_000_000, weakHashers: new Set() };
const lax: DjangoHashRules = {
  iterationsMax: 5_000_000,
  weakHashers: new Set(['md5', 'sha1', 'unsalted_md5', 'unsalted_sha1']),
};

const word = 'pässwörd-密碼';

/** Made by Django 3.2.25's own hashers, at a low cost where it takes one; scrypt by hashlib. */
const vectors: readonly (readonly [password: string, hash: string])[] = [
  [word, 'pbkdf2_sha256$1000$dRmLBQg7RIzBmyZ9EL1UbY$uV5xEg4M+OT65PbbU6scuriDTXe4SxeNb9kx2zUhuRs='],
  [word, 'pbkdf2_sha1$1000$R5Jshahcukue6VjOzghDGu$xDBSe/COBqLHvBHSn5LwH99TelM='],
  ['password', 'pbkdf2_sha256$1000$abcdefghijkl$RN8muruSpsd8kln5CjSMy4FnkgA5nMqCMev7ncj3v0o='],
  ['password', 'pbkdf2_sha1$1000$abcdefghijkl$XChdm/uIr0bV7qBHa+RrlGKTDP8='],
  [
    word,
    'argon2$argon2id$v=19$m=102400,t=2,p=8$ZkZ5Q1RLWnRHNXVtcWxWUTc2aFcxUA$yhY3uFvMFnzvUJuIG7+2sQ',
  ],
  ['password', 'argon2$argon2i$v=19$m=512,t=2,p=2$c2FsdHNhbHRzYWx0c2FsdA$AJ7WrK6yD6WiBlHrMdbW7w'],
  [word, 'bcrypt_sha256$$2b$05$J8Elft14rcHKmEbjgFl8xefhaFoZsCZhruk14dqZZ6z1.aKts1n8C'],
  [word, 'bcrypt$$2b$05$pcuAXiQW8DZf9WNk5VKU5.Xd4fY5COhSUyBz4QrblN6/RT2zjkUOC'],
  ['x'.repeat(100), 'bcrypt_sha256$$2b$04$ZZDlDkLWxKtsW.ne7sVj4e1Qg8JJQUCvnncsbFKZj3whutnHqXOke'],
  ['x'.repeat(100), 'bcrypt$$2b$04$S8UP1fikN0Kqfbn2Flw46.qvdljkIwWOZ7esEC3jErz7hckD0iYfW'],
  [
    'password',
    'scrypt$16384$abcdefghijkl$8$1$zfqqp9z9DSbzSf6Oih+oBfne0A1m8M9x2NLt4FEN4iL1CeOVlebSdR2lngs0ZQGTO+TLAYYCPYQmIaRBoSTilA==',
  ],
  [
    'password',
    'scrypt$16384$abcdefghijkl$8$5$I1vcHpb7xlJ2qYImhiOCZI9dglqwt4jDKHo40UGoHys0JCdfRsveWh5fr+QJGuxtIfMknvaGWjsrDCR09kH4tw==',
  ],
];

const weakVectors: readonly (readonly [password: string, hash: string])[] = [
  [word, 'md5$FMI0feHve8aK7LLj1Fuu7V$dc3903cd50d1e047a175f8023fc8a5e6'],
  [word, 'sha1$NXmhqXfpwUWf0Cg5rvLqqr$765716a8cfd00ed9fb41842270c8b572a666e1a0'],
  ['password', 'md5$abc$243c7aa68f30e9dee78b87fe48106f76'],
  ['password', 'sha1$abc$403e4a4698de0d54c867b5cfaf4227eecb48d5da'],
  [word, 'd85b949fa541c61f09c76d09d3638fcc'],
  [word, 'md5$$d85b949fa541c61f09c76d09d3638fcc'],
  [word, 'sha1$$82201dc904d2059b7fdc8993fd93b9597a971769'],
];

describe("Django's password strings", () => {
  test.each([...vectors, ...weakVectors])(
    '%s matches %s, and nothing else does',
    async (...row) => {
      const [password, text] = row;
      const read = parseDjangoHash(text, lax);
      if (read.kind === 'refused') throw new Error(read.reason);
      expect(await checkHere(password, read.stored)).toBe('match');
      for (const wrong of [`y${password}`, text]) {
        expect(await checkHere(wrong, read.stored)).toBe('mismatch');
      }
    },
  );

  test('of broken kinds are read only where each is switched on', () => {
    for (const [, text] of weakVectors) {
      expect(parseDjangoHash(text, strict).kind, text).toBe('refused');
    }
    const some: DjangoHashRules = { ...strict, weakHashers: new Set(['sha1', 'unsalted_md5']) };
    const kinds = weakVectors.map(([, text]) => parseDjangoHash(text, some).kind);
    expect(kinds).toEqual(['refused', 'read', 'refused', 'read', 'read', 'read', 'refused']);
  });

  const [[, pbkdf2] = ['', '']] = vectors;
  const [, bcrypt = ''] = vectors[6] ?? [];
  const [, scrypt = ''] = vectors[10] ?? [];

  test.each([
    ['an unusable one', '!'],
    ['an unusable one with its tail', `!${'x'.repeat(40)}`],
    ['nothing', ''],
    ['crypt', 'crypt$$abJnggxhB/yWI'],
    ['an algorithm that nobody knows', 'hunter2$1000$salt$key'],
    ['plain text', 'hunter2'],
    ['no iterations', pbkdf2.replace('$1000$', '$0$')],
    ['iterations above the cap', pbkdf2.replace('$1000$', '$5000001$')],
    ['more digits than a number holds', pbkdf2.replace('$1000$', `$${'9'.repeat(30)}$`)],
    ['signed iterations', pbkdf2.replace('$1000$', '$+1000$')],
    ['iterations with a leading zero', pbkdf2.replace('$1000$', '$01000$')],
    ['no salt', pbkdf2.replace('dRmLBQg7RIzBmyZ9EL1UbY', '')],
    ['a key without padding', pbkdf2.slice(0, -1)],
    ['a key of another length', pbkdf2.replace('sha256', 'sha1')],
    ['a part more', `${pbkdf2}$`],
    ['a line break behind', `${pbkdf2}\n`],
    ['upper case', pbkdf2.toUpperCase()],
    ['bcrypt beyond the cap', bcrypt.replace('$05$', '$15$')],
    ['bcrypt below its least', bcrypt.replace('$05$', '$03$')],
    ['bcrypt of the broken variant 2x', bcrypt.replace('$2b$', '$2x$')],
    ['bcrypt cut short', bcrypt.slice(0, -1)],
    ['an N that is no power of two', scrypt.replace('$16384$', '$16383$')],
    ['an N of one', scrypt.replace('$16384$', '$1$')],
    ['scrypt that fills 8 GiB', scrypt.replace('$16384$', '$8388608$')],
    ['scrypt with too many lanes', scrypt.replace('$8$1$', '$8$999$')],
    ['argon2d', 'argon2$argon2d$v=19$m=512,t=2,p=2$c2FsdHNhbHRzYWx0c2FsdA$AJ7WrK6yD6WiBlHrMdbW7w'],
    ['argon2 of version 16', 'argon2$argon2i$m=512,t=2,p=2$c2FsdHNhbHQ$AJ7WrK6yD6WiBlHrMdbW7w'],
    ['upper-case hex', 'md5$abc$243C7AA68F30E9DEE78B87FE48106F76'],
    ['a megabyte', `${pbkdf2}${'A'.repeat(1_000_000)}`],
  ])('refuses %s, and does not quote it', (_claim, text) => {
    const read = parseDjangoHash(text, lax);
    if (read.kind === 'read') throw new Error('read');
    if (text.length > 1) expect(read.reason).not.toContain(text);
  });

  test('have a cap on iterations that a directory may set', () => {
    expect(parseDjangoHash(pbkdf2, { ...strict, iterationsMax: 1_000 }).kind).toBe('read');
    expect(parseDjangoHash(pbkdf2, { ...strict, iterationsMax: 999 }).kind).toBe('refused');
  });

  test('never make the parser throw', () => {
    const texts = [...vectors, ...weakVectors].map(([, text]) => text);
    const mutated = fc
      .tuple(fc.constantFrom(...texts), fc.nat(140), fc.string())
      .map(([text, at, piece]) => text.slice(0, at) + piece + text.slice(at + piece.length));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), mutated), (text) => {
        expect(['read', 'refused']).toContain(parseDjangoHash(text, lax).kind);
      }),
      { numRuns: 500 },
    );
  });
});
