import { dirname, resolve } from 'node:path';
import { oneOf, optionBlock, text } from './kinds.ts';
import type { Part } from './read-options.ts';
import { readOptions, requireOption } from './read-options.ts';

/** Users in a file of our own, which `portcullis users` writes. */
export interface SqliteDirectoryConfig {
  readonly type: 'sqlite';
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

export const sqliteDirectoryOptions = optionBlock({
  type: oneOf(['sqlite']).describe('`sqlite`: the users stand in a file of our own.'),
  path: text(/^[^\0]+$/, 'the path of a file').describe(
    'The file, relative to the folder of this configuration. `portcullis users add` makes it; ' +
      'the gateway only reads it. Who can write it can log in as everybody.',
  ),
}).describe('Users in an SQLite file, kept with `portcullis users`.');

export function readSqliteDirectory(
  part: Part,
  name: string,
  configPath: string,
): SqliteDirectoryConfig | undefined {
  const options = readOptions(sqliteDirectoryOptions.partial({ path: true }), part);
  requireOption(part, 'path', 'the path of a file');
  if (options?.value.path === undefined) return undefined;
  const { type, path } = options.value;
  return { type, name, path: resolve(dirname(configPath), path) };
}
