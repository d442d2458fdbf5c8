import type { DirectoryConfig } from '../config/directory.ts';
import type { KeyChecker } from '../passwords/password-checker.ts';
import type { Directory } from './directory.ts';
import { StaticDirectory } from './static-directory.ts';

/** Builds the adapter that a configured directory names. Throws a DirectoryConfigError. */
export function createDirectory(config: DirectoryConfig, keys: KeyChecker): Directory {
  switch (config.type) {
    case 'static':
      return new StaticDirectory(config, keys);
  }
}
