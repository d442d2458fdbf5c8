import type * as z from 'zod';
import type { Secret } from '../lib/secret.ts';
import { isLoopback } from './address.ts';
import { readAuthorities } from './authorities.ts';
import { dnExpected, ldapFields, serviceOptions } from './ldap-options.ts';
import type { Options, Part } from './read-options.ts';
import { partAt, readOptions } from './read-options.ts';
import type { RoleRule } from './role-rule.ts';
import { readSecret } from './secret-source.ts';

/** Users of an LDAP server or of Active Directory. */
export interface LdapDirectoryConfig {
  readonly type: 'ldap';
  readonly name: string;
  /** In the order in which they are wanted; all hold the same. */
  readonly servers: readonly LdapServerConfig[];
  /** The connection begins in the clear and is turned into TLS before anything is said. */
  readonly isStartTls: boolean;
  readonly tls: LdapTlsConfig;
  /** Who looks users up; null: only `bindName` finds them. */
  readonly service: { readonly dn: string; readonly password: Secret } | null;
  /** What a user's name is made into for a bind; null: the service account looks the entry up. */
  readonly bindName: string | null;
  readonly users: LdapUsersConfig;
  readonly groups: LdapGroupsConfig;
  readonly roles: readonly RoleRule[];
  readonly role: string;
  readonly connectTimeoutMs: number;
  readonly operationTimeoutMs: number;
  /** How long a server that failed is passed over. */
  readonly failoverMs: number;
  /** Of the service account. */
  readonly connections: number;
  readonly bindsMax: number;
  readonly bindQueueMax: number;
}

export interface LdapServerConfig {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
}

export interface LdapTlsConfig {
  /** PEM; null: the authorities that Node trusts. */
  readonly ca: string | null;
  /** The name that the certificate must have; null: the host's own. */
  readonly servername: string | null;
}

export interface LdapUsersConfig {
  readonly base: string;
  readonly filter: string;
  readonly nameAttribute: string;
}

export interface LdapGroupsConfig {
  readonly from:
    | 'none'
    | 'memberOf'
    | 'activeDirectory'
    | 'groupOfNames'
    | 'groupOfUniqueNames'
    | 'posixGroup';
  readonly attribute: string;
  readonly base: string;
  /** How many steps up from the groups of the user; 0: none. */
  readonly depthMax: number;
  readonly groupsMax: number;
}

type LdapOptions = Options<z.output<typeof ldapFields>>;

export function readLdapDirectory(
  part: Part,
  name: string,
  configPath: string,
): LdapDirectoryConfig | undefined {
  const options = readOptions(ldapFields, part);
  if (options === undefined) return undefined;
  const { value } = options;
  const servers = value.urls.map(serverOf);
  checkTransport(part, options, servers);
  const service = readService(part, options, configPath);
  const ca = value.caFile === undefined ? null : readAuthorities(value.caFile, part, configPath);
  const users = readUsers(part, options);
  if (service === undefined || ca === undefined || users === undefined) return undefined;
  return {
    type: 'ldap',
    name,
    servers,
    isStartTls: value.startTls,
    tls: { ca, servername: value.servername ?? null },
    service,
    bindName: value.bindName ?? null,
    users,
    groups: { ...value.groups, base: value.groups.base ?? users.base },
    roles: value.roles,
    role: value.role,
    connectTimeoutMs: value.connectTimeout,
    operationTimeoutMs: value.operationTimeout,
    failoverMs: value.failover,
    connections: value.connections,
    bindsMax: value.bindsMax,
    bindQueueMax: value.bindQueueMax,
  };
}

function checkTransport(
  { document, path }: Part,
  options: LdapOptions,
  servers: readonly LdapServerConfig[],
): void {
  const { insecureClearText, startTls } = options.value;
  if (!options.isSound('urls', 'startTls', 'insecureClearText')) return;
  for (const [index, server] of servers.entries()) {
    if (server.isTls && startTls) {
      const message = 'is ldaps:// beside startTls: true';
      document.problems.add([...path, 'urls', index], message, 'expected ldap:// servers only');
    }
    if (server.isTls || startTls || insecureClearText || isLoopback(server.host)) continue;
    const message = 'is in the clear, so that everybody on the way can read passwords';
    const expected = 'expected ldaps://, or startTls: true, or insecureClearText: true';
    document.problems.add([...path, 'urls', index], message, expected);
  }
}

function readService(
  part: Part,
  options: LdapOptions,
  configPath: string,
): LdapDirectoryConfig['service'] | undefined {
  const inner = partAt(part, 'service');
  const { problems } = part.document;
  if (inner.raw === undefined) {
    if (options.value.bindName !== undefined || !options.isSound('service', 'bindName'))
      return null;
    const expected = 'expected an account that looks users up, or bindName';
    problems.add([...part.path, 'service'], 'is missing', expected);
    return undefined;
  }
  const service = readOptions(serviceOptions, inner);
  if (service === undefined) return undefined;
  const password = readSecret(service, { part: inner, configPath, name: 'password' });
  const { dn } = service.value;
  if (dn === undefined && service.isSound('dn')) {
    const expected = 'expected the distinguished name of the service account';
    problems.add([...inner.path, 'dn'], 'is missing', expected);
  }
  return dn === undefined || password === undefined ? undefined : { dn, password };
}

function readUsers(part: Part, options: LdapOptions): LdapUsersConfig | undefined {
  const { bindName, groups, userBase, userFilter, usernameAttribute } = options.value;
  const isByName = bindName?.includes('=') === true;
  const isSearched = ['activeDirectory', 'groupOfNames', 'groupOfUniqueNames', 'posixGroup'];
  const isBaseNeeded = !isByName || (isSearched.includes(groups.from) && groups.base === undefined);
  if (userBase === undefined && isBaseNeeded) {
    if (options.isSound('userBase', 'bindName', 'groups')) {
      const expected = isByName ? 'expected it, or groups.base' : `expected ${dnExpected}`;
      part.document.problems.add([...part.path, 'userBase'], 'is missing', expected);
    }
    return undefined;
  }
  const filter = userFilter ?? (isByName ? '(objectClass=*)' : '(uid={username})');
  return { base: userBase ?? '', filter, nameAttribute: usernameAttribute };
}

function serverOf(url: string): LdapServerConfig {
  const { hostname, port, protocol } = new URL(url);
  const isTls = protocol === 'ldaps:';
  const standard = isTls ? 636 : 389;
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? standard : Number(port),
    isTls,
  };
}
