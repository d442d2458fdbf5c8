import type { DirectoryConfig } from '../config/directory.ts';
import type { DjangoDirectoryConfig } from '../config/django-directory.ts';
import type { TokenDirectoryConfig } from '../config/token-directory.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../observability/log.ts';
import type { KeyChecker } from '../passwords/password-checker.ts';
import type { Database } from './database.ts';
import type { Directory } from './directory.ts';
import { StaticDirectory } from './static-directory.ts';

/** Directories that are asked about a name and a password. */
export type PasswordDirectoryConfig = Exclude<DirectoryConfig, TokenDirectoryConfig>;

/** What directories are made from besides their configuration. */
export interface DirectoryParts {
  readonly keys: KeyChecker;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Builds the adapter that a configured directory names, and loads its client only then: most gateways have one kind of
 * directory, and the clients of all of them are a third of the memory of an idle worker. Rejects with a
 * DirectoryConfigError.
 */
export async function createDirectory(
  config: PasswordDirectoryConfig,
  parts: DirectoryParts,
): Promise<Directory> {
  switch (config.type) {
    case 'static':
      return new StaticDirectory(config, parts.keys);
    case 'sqlite': {
      const { SqliteDirectory } = await import('./sqlite-directory.ts');
      return new SqliteDirectory(config, parts);
    }
    case 'django': {
      const { DjangoDirectory } = await import('./django-directory.ts');
      return new DjangoDirectory(config, { ...parts, database: await createDatabase(config) });
    }
    case 'ldap': {
      const { LdapDirectory } = await import('./ldap-directory.ts');
      return new LdapDirectory(config, parts.log, parts.clock);
    }
  }
}

async function createDatabase(config: DjangoDirectoryConfig): Promise<Database> {
  switch (config.engine) {
    case 'mysql': {
      const { MysqlDatabase } = await import('./mysql-database.ts');
      return new MysqlDatabase(config);
    }
    case 'postgresql': {
      const { PostgresDatabase } = await import('./postgres-database.ts');
      return new PostgresDatabase(config);
    }
  }
}
