import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LdapDirectoryConfig } from '../../src/config/ldap-directory.ts';
import type { Principal } from '../../src/identity/principal.ts';
import { Secret } from '../../src/lib/secret.ts';
import { silentLog } from '../../src/observability/log.ts';
import { LdapDirectory } from '../../src/users/ldap-directory.ts';
import { testDirectory } from '../contract/directory.ts';
import type { DirectoryFixture } from '../contract/directory.ts';
import { groups, ldapConfig, ldapGroups, ldapPassword, loopLdif } from '../support/ldap-tree.ts';
import { people, treeLdif } from '../support/ldap-tree.ts';
import { Slapd, suffix } from '../support/slapd.ts';

let slapd: Slapd;

beforeAll(async () => {
  slapd = await Slapd.start(treeLdif);
  await slapd.modify(loopLdif);
});
afterAll(async () => {
  await slapd[Symbol.asyncDispose]();
});

class OpenDirectory extends LdapDirectory implements AsyncDisposable {
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function open(change: Partial<LdapDirectoryConfig> = {}): OpenDirectory {
  return new OpenDirectory(ldapConfig(slapd.port, change), silentLog);
}

const direct = ['Board, inner-circle v1.2', 'doctors'];
const nested = [...direct, 'clinic', 'everybody'].toSorted();

function alice(groupNames: readonly string[], role = 'nobody'): Principal {
  return { subject: 'alice', directory: 'people', role, groups: groupNames, attributes: {} };
}

function fixtureWith(change: () => Partial<LdapDirectoryConfig>): () => Promise<DirectoryFixture> {
  return async () => {
    const directory = open(change());
    return {
      directory,
      user: {
        username: 'alice',
        otherSpellings: ['ALICE', 'Ａlice'],
        password: ldapPassword,
        principal: alice(direct),
      },
      fault: { begin: () => slapd.kill(), end: () => slapd.launch() },
      [Symbol.asyncDispose]: async () => directory.close(),
    };
  };
}

testDirectory(
  'an LDAP directory that searches, then binds',
  fixtureWith(() => ({})),
);
testDirectory(
  'an LDAP directory with a template and a service account',
  fixtureWith(() => ({
    bindName: `uid={username},${people}`,
    users: { base: '', filter: '(objectClass=*)', nameAttribute: 'uid' },
  })),
);
testDirectory(
  'an LDAP directory over LDAPS',
  fixtureWith(() => ({
    servers: [{ host: '127.0.0.1', port: slapd.tlsPort, isTls: true }],
    tls: { ca: slapd.certificates.ca, servername: null },
  })),
);

describe('names in LDAP', () => {
  it('log in whatever characters they hold', async () => {
    await using directory = open();
    for (const [name, password] of [
      ['j.o(e)*x', 'joe knows'],
      ['Éva', 'éva ismeri'],
      ['éva', 'éva ismeri'],
    ] as const) {
      const verdict = await directory.authenticate(name, password);
      expect(verdict, name).toMatchObject({ kind: 'accepted' });
    }
  });

  it('log in through a template whatever characters they hold', async () => {
    await using directory = open({
      bindName: `uid={username},${people}`,
      users: { base: '', filter: '(objectClass=*)', nameAttribute: 'uid' },
      service: null,
    });
    const verdict = await directory.authenticate('j.o(e)*x', 'joe knows');
    expect(verdict).toMatchObject({ kind: 'accepted', principal: { subject: 'j.o(e)*x' } });
    for (const trick of [
      `alice,${people}`,
      'alice+cn=alice',
      'alice\\2cou=people',
      '#616c696365',
    ]) {
      expect(await directory.authenticate(trick, ldapPassword), trick).toEqual({
        kind: 'rejected',
      });
    }
  });

  it('that lead to two entries log nobody in', async () => {
    await using directory = open();
    expect(await directory.authenticate('twin', 'first')).toMatchObject({ kind: 'rejected' });
    expect(await directory.authenticate('twin', 'second')).toMatchObject({ kind: 'rejected' });
    await using byMail = open({
      users: { base: suffix, filter: '(mail={username})', nameAttribute: 'uid' },
    });
    expect(await byMail.find('twins@example.org')).toMatchObject({ kind: 'rejected' });
  });

  it('of entries without a password are rejected, not unavailable', async () => {
    await using directory = open();
    expect(await directory.authenticate('no-password', 'x')).toMatchObject({ kind: 'rejected' });
  });
});

describe('an empty password', () => {
  it('never reaches a server that would take it for an anonymous login', async () => {
    await using directory = open();
    for (const password of ['', '\0', '\0x']) {
      expect(await directory.authenticate('alice', password)).toMatchObject({ kind: 'rejected' });
    }
    // Nothing was asked, so nothing is open.
    await slapd.kill();
    expect(await directory.authenticate('alice', '')).toMatchObject({ kind: 'rejected' });
    await slapd.launch();
  });
});

describe('groups in LDAP', () => {
  const cases: readonly [string, Partial<LdapDirectoryConfig['groups']>, readonly string[]][] = [
    ['memberOf', {}, direct],
    ['memberOf, nested', { depthMax: 5 }, nested],
    ['memberOf, one step up', { depthMax: 1 }, [...direct, 'clinic'].toSorted()],
    ['groupOfNames', { from: 'groupOfNames' }, direct],
    ['groupOfNames, nested', { from: 'groupOfNames', depthMax: 5 }, nested],
    ['groupOfUniqueNames', { from: 'groupOfUniqueNames' }, ['unique']],
    [
      'groupOfUniqueNames, nested',
      { from: 'groupOfUniqueNames', depthMax: 2 },
      ['unique', 'unique-parent'],
    ],
    ['posixGroup', { from: 'posixGroup' }, ['posix']],
    ['none', { from: 'none' }, []],
  ];

  it.each(cases)('come from %s', async (_title, change, expected) => {
    await using directory = open({ groups: ldapGroups(change) });
    expect(await directory.authenticate('alice', ldapPassword)).toEqual({
      kind: 'accepted',
      principal: alice(expected),
    });
  });

  it('are no more than was allowed', async () => {
    await using directory = open({ groups: ldapGroups({ depthMax: 5, groupsMax: 2 }) });
    const verdict = await directory.find('alice');
    expect(verdict.kind === 'accepted' && verdict.principal.groups.length).toBe(2);
  });

  it('give a role by distinguished name, and by name alone only where rules say so', async () => {
    const byDn = [{ group: `CN=Gateway-Staff,${groups}`, role: 'staffuser' }];
    await using exact = open({ roles: byDn });
    expect(await exact.find('carol')).toMatchObject({ principal: { role: 'staffuser' } });
    expect(await exact.find('bob')).toMatchObject({
      principal: { role: 'nobody', groups: ['gateway-staff'] },
    });
    await using loose = open({ roles: [{ group: 'GATEWAY-staff', role: 'staffuser' }] });
    expect(await loose.find('bob')).toMatchObject({ principal: { role: 'staffuser' } });
  });
});

describe('TLS to LDAP', () => {
  const ca = (): string => slapd.certificates.ca;

  it('begins with StartTLS where that is configured', async () => {
    await using directory = open({ isStartTls: true, tls: { ca: ca(), servername: null } });
    expect(await directory.authenticate('alice', ldapPassword)).toMatchObject({ kind: 'accepted' });
    expect(await directory.authenticate('alice', 'wrong')).toMatchObject({ kind: 'rejected' });
  });

  it('checks the name that is configured instead of the host', async () => {
    const servername = 'localhost';
    await using directory = open({ isStartTls: true, tls: { ca: ca(), servername } });
    expect(await directory.find('alice')).toMatchObject({ kind: 'accepted' });
    await using other = open({
      isStartTls: true,
      tls: { ca: ca(), servername: 'ldap.example.org' },
    });
    expect(await other.find('alice')).toEqual({ kind: 'unavailable' });
  });

  it('trusts nobody who is not named', async () => {
    await using started = open({ isStartTls: true });
    expect(await started.authenticate('alice', ldapPassword)).toEqual({ kind: 'unavailable' });
    await using ldaps = open({
      servers: [{ host: '127.0.0.1', port: slapd.tlsPort, isTls: true }],
    });
    expect(await ldaps.authenticate('alice', ldapPassword)).toEqual({ kind: 'unavailable' });
  });
});

describe('the service account', () => {
  it('with a wrong password is an outage and nobody’s fault', async () => {
    const { service } = ldapConfig(0);
    await using directory = open({
      service: service && { ...service, password: new Secret('wrong') },
    });
    expect(await directory.authenticate('alice', ldapPassword)).toEqual({ kind: 'unavailable' });
    expect(await directory.authenticate('nobody-here', 'x')).toEqual({ kind: 'unavailable' });
  });

  it('with a base that is not there is an outage, too', async () => {
    const users = { base: 'ou=nowhere,dc=example,dc=org', filter: '(uid={username})' };
    await using directory = open({ users: { ...users, nameAttribute: 'uid' } });
    expect(await directory.find('alice')).toEqual({ kind: 'unavailable' });
  });

  it('is not needed to log in through a template, but to look anybody up', async () => {
    await using directory = open({
      bindName: `uid={username},${people}`,
      users: { base: '', filter: '(objectClass=*)', nameAttribute: 'uid' },
      service: null,
    });
    expect(await directory.authenticate('alice', ldapPassword)).toEqual({
      kind: 'accepted',
      principal: alice(direct),
    });
    expect(await directory.find('alice')).toEqual({ kind: 'unavailable' });
  });
});

describe('somebody who is logged in', () => {
  const users = (filter: string) => ({ base: people, filter, nameAttribute: 'uid' });
  const standingOf = async (filter: string, name: string): Promise<string> => {
    await using directory = open({ users: users(filter) });
    return (await directory.standing(name)).kind;
  };

  it('is looked up by the name of the entry, whatever was typed at the login', async () => {
    await using directory = open({ users: users('(mail={username})') });
    const verdict = await directory.authenticate('carol@example.org', 'carol knows');
    expect(verdict).toMatchObject({ kind: 'accepted', principal: { subject: 'carol' } });
    expect(await directory.find('carol')).toMatchObject({ kind: 'rejected' });
    expect(await directory.standing('carol')).toMatchObject({
      kind: 'accepted',
      principal: { subject: 'carol' },
    });
    // What the filter asks for besides has to hold still.
    const doctors = `(&(uid={username})(memberOf=cn=doctors,${groups}))`;
    expect(await standingOf(doctors, 'alice')).toBe('accepted');
    expect(await standingOf(doctors, 'carol')).toBe('rejected');
    expect(await standingOf('(mail={username})', 'alice')).toBe('rejected');
  });

  it('stands no more when the entry is gone, and again when it is back', async () => {
    const filter = '(uid={username})';
    const own = `uid=passing,${people}`;
    expect(await standingOf(filter, 'passing')).toBe('rejected');
    await slapd.modify(
      `dn: ${own}\nchangetype: add\nobjectClass: inetOrgPerson\nuid: passing\ncn: p\nsn: p\n`,
    );
    expect(await standingOf(filter, 'passing')).toBe('accepted');
    await slapd.modify(`dn: ${own}\nchangetype: delete\n`);
    expect(await standingOf(filter, 'passing')).toBe('rejected');
  });

  it('cannot be looked up without a service account, which ends nobody’s session', async () => {
    await using directory = open({ bindName: `uid={username},${people}`, service: null });
    expect(await directory.standing('alice')).toEqual({ kind: 'unavailable' });
  });
});
