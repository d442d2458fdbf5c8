import { isIP } from 'node:net';
import { dirname, resolve } from 'node:path';
import type * as z from 'zod';
import type { Secret } from '../lib/secret.ts';
import type { Address } from './address.ts';
import { isLoopback } from './address.ts';
import { djangoFields } from './django-options.ts';
import type { Part } from './read-options.ts';
import { readOptions, requireOption } from './read-options.ts';
import { readText } from './read.ts';
import { readSecret } from './secret-source.ts';

/** The users of a Django application, read from its database. */
export interface DjangoDirectoryConfig {
  readonly type: 'django';
  readonly name: string;
  readonly engine: 'mysql' | 'postgresql';
  readonly address: Address;
  readonly database: string;
  /** Of the account at the database. */
  readonly username: string;
  readonly password: Secret;
  readonly tls: DatabaseTlsConfig;
  readonly connectionsMax: number;
  readonly connectTimeoutMs: number;
  readonly queryTimeoutMs: number;
  readonly tables: DjangoTablesConfig;
  readonly roles: DjangoRolesConfig;
  /** Of PBKDF2; a row that asks for more never matches. */
  readonly iterationsMax: number;
  readonly weakHashers: readonly ('md5' | 'sha1' | 'unsalted_md5' | 'unsalted_sha1')[];
  /** PBKDF2-SHA256 iterations that every refusal takes at least; 0: the dearest row seen. */
  readonly refusalIterations: number;
}

export interface DatabaseTlsConfig {
  readonly mode: 'verify' | 'off';
  /** PEM text; null: the authorities that Node knows. */
  readonly ca: string | null;
  /** The name that the certificate must have; null: the address's host. */
  readonly serverName: string | null;
}

export interface DjangoTablesConfig {
  readonly users: string;
  readonly usernameColumn: string;
  readonly groups: string;
  readonly userGroups: string;
  /** Of `userGroups`: whose membership it is. */
  readonly userGroupsColumn: string;
  /** Where an application keeps a role of its own for each user. */
  readonly profile: {
    readonly table: string;
    readonly userColumn: string;
    readonly roleColumn: string;
  } | null;
}

export interface DjangoRolesConfig {
  /** Null: being a superuser gives no role. */
  readonly superuser: string | null;
  readonly staff: string | null;
  /** Words that are taken from the profile; any other gives `otherwise`. */
  readonly profile: readonly string[];
  readonly otherwise: string;
}

export function readDjangoDirectory(
  part: Part,
  name: string,
  configPath: string,
): DjangoDirectoryConfig | undefined {
  const options = readOptions(djangoFields, part);
  if (options === undefined) return undefined;
  requireOption(part, 'address', 'the database server, such as db.internal:3306');
  requireOption(part, 'database', 'the name of a database');
  requireOption(part, 'username', 'the name of an account at the database');
  const password = readSecret(options, { part, configPath, name: 'password' });
  const { value } = options;
  const ca = readAuthority(value.tls.caFile, part, configPath);
  const { address, database, username } = value;
  if (password === undefined || ca === undefined) return undefined;
  if (address === undefined || database === undefined || username === undefined) return undefined;
  const mode = value.tls.mode ?? (isLoopback(address.host) ? 'off' : 'verify');
  if (mode === 'verify' && isIP(address.host) !== 0 && value.tls.serverName === undefined) {
    const expected = 'expected the name in the certificate, because the address is a number';
    part.document.problems.add([...part.path, 'tls', 'serverName'], 'is missing', expected);
  }
  return {
    type: 'django',
    name,
    engine: value.engine,
    address,
    database,
    username,
    password,
    tls: {
      mode,
      ca,
      serverName: value.tls.serverName ?? null,
    },
    connectionsMax: value.connectionsMax,
    connectTimeoutMs: value.connectTimeout,
    queryTimeoutMs: value.queryTimeout,
    tables: tablesConfig(value),
    roles: {
      superuser: value.roles.superuser ?? null,
      staff: value.roles.staff === '' ? null : value.roles.staff,
      profile: value.roles.profile,
      otherwise: value.roles.otherwise,
    },
    iterationsMax: value.iterationsMax,
    weakHashers: value.weakHashers,
    refusalIterations: value.refusalIterations,
  };
}

function tablesConfig({ tables }: z.output<typeof djangoFields>): DjangoTablesConfig {
  const { profile } = tables;
  return {
    users: tables.users,
    usernameColumn: tables.usernameColumn,
    groups: tables.groups,
    userGroups: tables.userGroups ?? `${tables.users}_groups`,
    userGroupsColumn: tables.userGroupsColumn,
    profile: profile ?? null,
  };
}

/** Null where none is named; undefined, and a problem, where it cannot be read. */
function readAuthority(
  file: string | undefined,
  part: Part,
  configPath: string,
): string | null | undefined {
  if (file === undefined) return null;
  const read = readText(resolve(dirname(configPath), file));
  const path = [...part.path, 'tls', 'caFile'];
  const expected = 'expected certificates in PEM form, relative to this configuration';
  if (read.kind === 'unreadable') {
    part.document.problems.add(path, `names a file that ${read.reason}`, expected);
    return undefined;
  }
  if (read.text.includes('-----BEGIN CERTIFICATE-----')) return read.text;
  part.document.problems.add(path, 'names a file without a certificate', expected);
  return undefined;
}
