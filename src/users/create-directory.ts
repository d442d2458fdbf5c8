import type { LdapDirectoryConfig } from '../config/ldap-directory.ts';
import type { StaticDirectoryConfig } from '../config/directory.ts';
import type { Log } from '../observability/log.ts';
import { silentLog } from '../observability/log.ts';
import type { KeyDeriver } from '../passwords/check-password.ts';
import type { Directory } from './directory.ts';
import { LdapDirectory } from './ldap-directory.ts';
import { StaticDirectory } from './static-directory.ts';

/** Directories that are asked about a name and a password. */
export type PasswordDirectoryConfig = StaticDirectoryConfig | LdapDirectoryConfig;

/** Builds the adapter that a configured directory names. Throws a DirectoryConfigError. */
export function createDirectory(
  config: PasswordDirectoryConfig,
  pool: KeyDeriver,
  log: Log = silentLog,
): Directory {
  switch (config.type) {
    case 'static':
      return new StaticDirectory(config, pool);
    case 'ldap':
      return new LdapDirectory(config, log);
  }
}
