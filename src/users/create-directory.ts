import type { DirectoryConfig } from '../config/directory.ts';
import type { DjangoDirectoryConfig } from '../config/django-directory.ts';
import type { TokenDirectoryConfig } from '../config/token-directory.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../observability/log.ts';
import type { KeyChecker } from '../passwords/password-checker.ts';
import type { Database } from './database.ts';
import type { Directory } from './directory.ts';
import { DjangoDirectory } from './django-directory.ts';
import { LdapDirectory } from './ldap-directory.ts';
import { MysqlDatabase } from './mysql-database.ts';
import { PostgresDatabase } from './postgres-database.ts';
import { SqliteDirectory } from './sqlite-directory.ts';
import { StaticDirectory } from './static-directory.ts';

/** Directories that are asked about a name and a password. */
export type PasswordDirectoryConfig = Exclude<DirectoryConfig, TokenDirectoryConfig>;

/** What directories are made from besides their configuration. */
export interface DirectoryParts {
  readonly keys: KeyChecker;
  readonly clock: Clock;
  readonly log: Log;
}

/** Builds the adapter that a configured directory names. Throws a DirectoryConfigError. */
export function createDirectory(config: PasswordDirectoryConfig, parts: DirectoryParts): Directory {
  switch (config.type) {
    case 'static':
      return new StaticDirectory(config, parts.keys);
    case 'sqlite':
      return new SqliteDirectory(config, parts);
    case 'django':
      return new DjangoDirectory(config, { ...parts, database: createDatabase(config) });
    case 'ldap':
      return new LdapDirectory(config, parts.log, parts.clock);
  }
}

function createDatabase(config: DjangoDirectoryConfig): Database {
  switch (config.engine) {
    case 'mysql':
      return new MysqlDatabase(config);
    case 'postgresql':
      return new PostgresDatabase(config);
  }
}
