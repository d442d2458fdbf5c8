import type { LdapDirectoryConfig } from '../../src/config/ldap-directory.ts';
import { Secret } from '../../src/lib/secret.ts';
import { serviceDn, servicePassword, suffix } from './slapd.ts';

export const people = `ou=people,${suffix}`;
export const groups = `ou=groups,${suffix}`;
export const ldapPassword = 'correct horse battery staple';

interface Person {
  readonly uid: string;
  readonly password?: string;
  readonly more?: readonly string[];
}

const persons: readonly Person[] = [
  { uid: 'alice', password: ldapPassword },
  { uid: 'bob', password: 'bob knows' },
  { uid: 'carol', password: 'carol knows', more: ['mail: carol@example.org'] },
  { uid: 'Éva', password: 'éva ismeri' },
  { uid: 'j.o(e)*x', password: 'joe knows' },
  { uid: 'no-password' },
  // Two entries that one name leads to.
  { uid: 'twin', password: 'first', more: ['mail: twins@example.org'] },
  { uid: 'twin2', password: 'second', more: ['mail: twins@example.org', 'uid: twin'] },
];

function person({ uid, password, more = [] }: Person): string {
  const rdn = uid.replace(/[,+"\\<>;=]/g, '\\$&');
  const lines = [
    `dn: uid=${rdn},${people}`,
    'objectClass: inetOrgPerson',
    `uid: ${uid}`,
    `cn: ${uid}`,
    'sn: Test',
    ...(password === undefined ? [] : [`userPassword: ${password}`]),
    ...more,
  ];
  return lines.join('\n');
}

function group(rdn: string, members: readonly string[], kind = 'groupOfNames'): string {
  const attribute = kind === 'groupOfNames' ? 'member' : 'uniqueMember';
  return [
    `dn: ${rdn},${groups}`,
    `objectClass: ${kind}`,
    ...members.map((member) => `${attribute}: ${member}`),
  ].join('\n');
}

const uid = (name: string): string => `uid=${name},${people}`;

/**
 * alice is in doctors and in a group with a difficult name; doctors are in clinic, clinic is in everybody, and everybody
 * is in clinic again: a loop.
 */
export const treeLdif = [
  `dn: ${suffix}\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: Example`,
  `dn: ${serviceDn}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: service\nuserPassword: ${servicePassword}`,
  `dn: ${people}\nobjectClass: organizationalUnit\nou: people`,
  `dn: ${groups}\nobjectClass: organizationalUnit\nou: groups`,
  `dn: ou=elsewhere,${groups}\nobjectClass: organizationalUnit\nou: elsewhere`,
  ...persons.map(person),
  group('cn=doctors', [uid('alice')]),
  group('cn=Board\\, inner-circle v1.2', [uid('alice')]),
  group('cn=clinic', [`cn=doctors,${groups}`, uid('carol')]),
  group('cn=everybody', [`cn=clinic,${groups}`]),
  group('cn=gateway-staff', [uid('carol')]),
  group('cn=gateway-staff,ou=elsewhere', [uid('bob')]),
  group('cn=unique', [uid('alice')], 'groupOfUniqueNames'),
  group('cn=unique-parent', [`cn=unique,${groups}`], 'groupOfUniqueNames'),
  `dn: cn=posix,${groups}\nobjectClass: posixGroup\ngidNumber: 5000\nmemberUid: alice`,
].join('\n\n');

/** Closes the loop; a group cannot name one that is not there yet. */
export const loopLdif = `dn: cn=clinic,${groups}\nchangetype: modify\nadd: member\nmember: cn=everybody,${groups}\n`;

/** How the tests reach it; what a test is about it says itself. */
export function ldapConfig(
  port: number,
  change: Partial<LdapDirectoryConfig> = {},
): LdapDirectoryConfig {
  return {
    type: 'ldap',
    name: 'people',
    servers: [{ host: '127.0.0.1', port, isTls: false }],
    isStartTls: false,
    tls: { ca: null, servername: null },
    service: { dn: serviceDn, password: new Secret(servicePassword) },
    bindName: null,
    users: { base: people, filter: '(uid={username})', nameAttribute: 'uid' },
    groups: ldapGroups({}),
    roles: [],
    role: 'nobody',
    connectTimeoutMs: 1000,
    operationTimeoutMs: 1000,
    failoverMs: 30_000,
    connections: 2,
    bindsMax: 8,
    bindQueueMax: 64,
    ...change,
  };
}

export function ldapGroups(
  change: Partial<LdapDirectoryConfig['groups']>,
): LdapDirectoryConfig['groups'] {
  return {
    from: 'memberOf',
    attribute: 'memberOf',
    base: groups,
    depthMax: 0,
    groupsMax: 1000,
    ...change,
  };
}
