import * as z from 'zod';
import { readDjangoDirectory } from './django-directory.ts';
import type { DjangoDirectoryConfig } from './django-directory.ts';
import { djangoDirectoryOptions } from './django-options.ts';
import { oneOf } from './kinds.ts';
import type { Part } from './read-options.ts';
import { readNamed, readOptions } from './read-options.ts';
import { readSqliteDirectory, sqliteDirectoryOptions } from './sqlite-directory.ts';
import type { SqliteDirectoryConfig } from './sqlite-directory.ts';
import { readStaticDirectory, staticDirectoryOptions } from './static-directory.ts';
import type { StaticDirectoryConfig } from './static-directory.ts';

/** A source of principals. */
export type DirectoryConfig = StaticDirectoryConfig | SqliteDirectoryConfig | DjangoDirectoryConfig;

export const directoryOptions = z
  .union([staticDirectoryOptions, sqliteDirectoryOptions, djangoDirectoryOptions])
  .describe('A source of users: who they are, and whether a password is theirs.');

/** What decides how the rest is read. */
const kindOptions = z.looseObject({ type: oneOf(['static', 'sqlite', 'django']) });

const readers = {
  static: readStaticDirectory,
  sqlite: readSqliteDirectory,
  django: readDjangoDirectory,
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
