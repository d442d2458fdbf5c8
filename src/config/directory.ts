import * as z from 'zod';
import { readDjangoDirectory } from './django-directory.ts';
import type { DjangoDirectoryConfig } from './django-directory.ts';
import { djangoDirectoryOptions } from './django-options.ts';
import { oneOf } from './kinds.ts';
import { readLdapDirectory } from './ldap-directory.ts';
import type { LdapDirectoryConfig } from './ldap-directory.ts';
import { ldapDirectoryOptions } from './ldap-options.ts';
import type { Part } from './read-options.ts';
import { readNamed, readOptions } from './read-options.ts';
import { readSqliteDirectory, sqliteDirectoryOptions } from './sqlite-directory.ts';
import type { SqliteDirectoryConfig } from './sqlite-directory.ts';
import { readStaticDirectory, staticDirectoryOptions } from './static-directory.ts';
import type { StaticDirectoryConfig } from './static-directory.ts';
import { readTokenDirectory, tokenDirectoryOptions } from './token-directory.ts';
import type { TokenDirectoryConfig } from './token-directory.ts';

/** A source of principals. */
export type DirectoryConfig =
  | StaticDirectoryConfig
  | SqliteDirectoryConfig
  | DjangoDirectoryConfig
  | LdapDirectoryConfig
  | TokenDirectoryConfig;

/** Those whose users stand in the configuration. */
export function staticDirectories(
  directories: readonly DirectoryConfig[],
): readonly StaticDirectoryConfig[] {
  return directories.filter((directory) => directory.type === 'static');
}

export const directoryOptions = z
  .discriminatedUnion('type', [
    staticDirectoryOptions,
    sqliteDirectoryOptions,
    djangoDirectoryOptions,
    ldapDirectoryOptions,
    tokenDirectoryOptions,
  ])
  .describe('A source of users: who they are, and whether a password is theirs.');

/** What decides how the rest is read. */
const kindOptions = z.looseObject({
  type: oneOf(['static', 'sqlite', 'django', 'ldap', 'token']),
});

const readers = {
  static: readStaticDirectory,
  sqlite: readSqliteDirectory,
  django: readDjangoDirectory,
  ldap: readLdapDirectory,
  token: readTokenDirectory,
} as const;

/** One directory as far as it could be read; `config` is undefined where something was wrong. */
export interface DirectoryDraft {
  readonly name: string;
  readonly config: DirectoryConfig | undefined;
}

export function readDirectories(part: Part, configPath: string): readonly DirectoryDraft[] {
  return readNamed(part).map(({ name, part: inner }) => {
    const kind = readOptions(kindOptions, inner);
    const config = kind && readers[kind.value.type](inner, name, configPath);
    return { name, config };
  });
}
