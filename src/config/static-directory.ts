import * as z from 'zod';
import type { Secret } from '../lib/secret.ts';
import { flag, listOf, oneOf, optionBlock, word } from './kinds.ts';
import type { Part } from './read-options.ts';
import { partAt, readItems, readOptions, requireOption } from './read-options.ts';
import { readSecret, secretFile, secretText } from './secret-source.ts';

/** Users that stand in the configuration file. */
export interface StaticDirectoryConfig {
  readonly type: 'static';
  readonly name: string;
  /** Passwords stand as plain text in the file. For demonstrations only. */
  readonly insecurePlainText: boolean;
  readonly users: readonly StaticUserConfig[];
}

export interface StaticUserConfig {
  /** Unique in its directory, compared exactly. */
  readonly username: string;
  /** An argon2id PHC string; plain text where the directory says `insecurePlainText`. */
  readonly password: Secret;
  /** One word. */
  readonly role: string;
  readonly groups: readonly string[];
}

const userOptions = optionBlock({
  username: word('a user name').describe(
    'The name that the user logs in with, compared exactly, upper and lower case included; ' +
      'unique in its directory.',
  ),
  password: secretText('an argon2id hash, as `portcullis hash` prints it')
    .optional()
    .describe(
      'The argon2id hash of the password, as `portcullis hash` prints it; in single quotes. The ' +
        'password itself only under insecurePlainText.',
    ),
  passwordFile: secretFile()
    .optional()
    .describe(
      'A file that holds the hash instead; relative to the folder of this configuration. One ' +
        'line break at its end is not part of it.',
    ),
  role: word('a role')
    .default('nobody')
    .describe('The one role of the user, for `require` and `staff`. Default `nobody`.'),
  groups: listOf(word('a group'), 'groups')
    .default([])
    .describe('The groups of the user, for `require` and for upstreams. Default: none.'),
});

const shared = {
  type: oneOf(['static']).describe('`static`: the users stand in this file.'),
  insecurePlainText: flag()
    .default(false)
    .describe(
      'Allows passwords as plain text. Default false. For demonstrations only: everybody who ' +
        'reads this file, a backup of it or its history can log in as everybody.',
    ),
};

const directoryFields = optionBlock({ ...shared, users: listOf(z.unknown(), 'users').default([]) });

export const staticDirectoryOptions = optionBlock({
  ...shared,
  users: listOf(userOptions, 'users').default([]).describe('The users. Default: none.'),
}).describe('Users who stand in this file.');

/** Undefined where something was wrong that leaves nothing to go on with. */
export function readStaticDirectory(
  part: Part,
  name: string,
  configPath: string,
): StaticDirectoryConfig | undefined {
  const options = readOptions(directoryFields, part);
  const insecurePlainText = options?.value.insecurePlainText ?? false;
  // Where nobody can tell what was meant, one problem is enough.
  const isUnclear = options?.isSound('insecurePlainText') !== true;
  const reading = { configPath, isPlainText: insecurePlainText || isUnclear };
  const names = new Set<string>();
  const users: StaticUserConfig[] = [];
  for (const item of readItems(partAt(part, 'users'))) {
    const user = readUser(item, names, reading);
    if (user !== undefined) users.push(user);
  }
  if (options === undefined) return undefined;
  return { type: options.value.type, name, insecurePlainText, users };
}

interface UserReading {
  readonly configPath: string;
  readonly isPlainText: boolean;
}

function readUser(
  item: Part,
  names: Set<string>,
  { configPath, isPlainText }: UserReading,
): StaticUserConfig | undefined {
  const { problems } = item.document;
  const options = readOptions(userOptions.partial({ username: true }), item);
  if (options === undefined) return undefined;
  const { username, role, groups } = options.value;
  const path = [...item.path, 'username'];
  requireOption(item, 'username', 'a user name');
  if (username !== undefined) {
    // Logins are looked up in this normal form, so two spellings of it are one name.
    const name = username.normalize('NFKC').trim();
    if (names.has(name)) {
      problems.add(
        path,
        'is the name of an earlier user',
        'expected each name once in a directory',
      );
    }
    names.add(name);
  }
  const password = readSecret(options, { part: item, configPath, name: 'password' });
  if (password === undefined) return undefined;
  const fault = faultOf(password.reveal(), isPlainText);
  if (fault !== null) {
    const source = options.value.password === undefined ? 'passwordFile' : 'password';
    problems.add([...item.path, source], fault.message, fault.expected);
  }
  return username === undefined ? undefined : { username, password, role, groups };
}

/** Its cost and its lengths are for the directory to judge. */
const hashForm =
  /^\$argon2id\$v=19\$m=[1-9]\d{0,6},t=[1-9]\d{0,6},p=[1-9]\d{0,6}\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}$/;

function faultOf(
  password: string,
  isPlainText: boolean,
): { message: string; expected: string } | null {
  if (hashForm.test(password)) return null;
  if (password.startsWith('$argon2')) {
    const message = 'begins like an argon2 hash and is none that is read here';
    return {
      message,
      expected: 'expected $argon2id$v=19$m=…,t=…,p=…$salt$tag, as `portcullis hash` prints it',
    };
  }
  if (!isPlainText) {
    const message = 'is no argon2id hash';
    const expected =
      'expected what `portcullis hash` prints, or insecurePlainText: true on the directory (demonstrations only)';
    return { message, expected };
  }
  return null;
}
