import { parseArgon2Hash } from './argon2-hash.ts';
import { parseBcryptHash } from './bcrypt-hash.ts';
import { parseDigestHash } from './digest-hash.ts';
import type { WeakHasher } from './digest-hash.ts';
import { parsePbkdf2Hash } from './pbkdf2-hash.ts';
import { parseScryptHash } from './scrypt-hash.ts';
import { keyOfArgon2 } from './stored-password.ts';
import type { ReadStoredPassword } from './stored-password.ts';

/** What a directory lets its rows ask for. */
export interface DjangoHashRules {
  /** Of PBKDF2. Whoever can write one row could else stall every login. */
  readonly iterationsMax: number;
  /** Broken forms that are read all the same. */
  readonly weakHashers: ReadonlySet<WeakHasher>;
}

/** Longer than any form that is read here. */
const textUnitsMax = 512;

/**
 * Reads `auth_user.password` of Django 3.2 to 6.1: the algorithm, then what it takes, between `$`.
 * Refused is also what no password can match: an unusable one (`!…`), and `crypt`.
 */
export function parseDjangoHash(text: string, rules: DjangoHashRules): ReadStoredPassword {
  if (text.startsWith('!') || text === '') return refused('is marked as unusable');
  if (text.length > textUnitsMax) return refused('is too long');
  switch (text.split('$', 1)[0]) {
    case 'pbkdf2_sha256':
    case 'pbkdf2_sha1':
      return parsePbkdf2Hash(text, rules.iterationsMax);
    case 'argon2': {
      const parsed = parseArgon2Hash(text.slice('argon2'.length));
      return parsed.kind === 'refused'
        ? parsed
        : { kind: 'read', stored: keyOfArgon2(parsed.hash) };
    }
    case 'bcrypt_sha256':
    case 'bcrypt':
      return parseBcryptHash(text);
    case 'scrypt':
      return parseScryptHash(text);
    case 'crypt':
      return refused('is of the kind crypt, which is not read');
    default:
      return parseDigestHash(text, rules.weakHashers);
  }
}

function refused(reason: string): ReadStoredPassword {
  return { kind: 'refused', reason };
}
