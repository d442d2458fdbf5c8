import { describe, expect, it } from 'vitest';
import type { LdapDirectoryConfig } from '../../src/config/ldap-directory.ts';
import { Secret } from '../../src/lib/secret.ts';
import type { LogFields } from '../../src/observability/log.ts';
import { silentLog } from '../../src/observability/log.ts';
import { LdapDirectory } from '../../src/users/ldap-directory.ts';
import { bindResult, entry, extendedResult, LdapReplay } from '../support/ldap-replay.ts';
import { reference, referral, searchResult, type LdapAnswer } from '../support/ldap-replay.ts';
import { ldapConfig, ldapGroups } from '../support/ldap-tree.ts';

const base = 'dc=corp,dc=example';
const serviceName = 'portcullis@corp.example';
const userDn = `CN=Mallory Müller,OU=Staff,${base}`;
const password = 'the right one';

/** What one server says about one user; a test changes what it is about. */
interface Scene {
  bind: (name: string) => LdapAnswer;
  search: () => readonly LdapAnswer[];
  groups: () => readonly LdapAnswer[];
  who: (name: string) => LdapAnswer;
}

const person = entry(userDn, {
  sAMAccountName: ['mallory'],
  memberOf: [`CN=Ward 7\\, night,OU=Groups,${base}`, `cn=lower-case,OU=Groups,${base}`],
});

const usual: Scene = {
  bind: () => bindResult(0),
  search: () => [person, reference('ldap://127.0.0.1:1/DC=ForestDnsZones'), searchResult(0)],
  groups: () => [searchResult(0)],
  who: () => extendedResult(0, 'u:CORP\\mallory'),
};

async function start(change: Partial<Scene> = {}): Promise<LdapReplay> {
  const scene = { ...usual, ...change };
  let bound = '';
  return await LdapReplay.start((question) => {
    switch (question.kind) {
      case 'bind': {
        bound = question.name;
        const isService = question.name === serviceName;
        if (isService) return [bindResult(0)];
        if (question.password !== password) return [bindResult(49, invalid('52e'))];
        return [scene.bind(question.name)];
      }
      case 'extended':
        return [scene.who(bound)];
      case 'search':
        return question.filter.includes('member') ? scene.groups() : scene.search();
      case 'other':
        return [];
    }
  });
}

const invalid = (code: string): string =>
  `80090308: LdapErr: DSID-0C09042F, comment: AcceptSecurityContext error, data ${code}, v2580`;

const filter =
  '(&(objectCategory=person)(objectClass=user)(!(userAccountControl:1.2.840.113556.1.4.803:=2))(sAMAccountName={username}))';

function config(port: number, change: Partial<LdapDirectoryConfig> = {}): LdapDirectoryConfig {
  return ldapConfig(port, {
    service: { dn: serviceName, password: new Secret('service') },
    users: { base, filter, nameAttribute: 'sAMAccountName' },
    groups: ldapGroups({ base }),
    operationTimeoutMs: 300,
    ...change,
  });
}

class OpenDirectory extends LdapDirectory implements AsyncDisposable {
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

const open = (change: LdapDirectoryConfig, log = silentLog) => new OpenDirectory(change, log);
const rejected = { kind: 'rejected' };
const unavailable = { kind: 'unavailable' };

describe('Active Directory', () => {
  it('logs in by account name, with groups by the first part of their names', async () => {
    await using server = await start();
    await using directory = open(config(server.port));
    expect(await directory.authenticate('MALLORY', password)).toEqual({
      kind: 'accepted',
      principal: {
        subject: 'mallory',
        directory: 'people',
        role: 'nobody',
        groups: ['Ward 7, night', 'lower-case'],
        attributes: {},
      },
    });
  });

  it.each(['525', '52e', '530', '531', '532', '533', '701', '773', '775'])(
    'refuses with sub-code %s like with any other, and only the log knows which',
    async (code) => {
      await using server = await start({ bind: () => bindResult(49, invalid(code)) });
      const lines: LogFields[] = [];
      const log = {
        ...silentLog,
        debug: (_event: string, fields?: LogFields) => void lines.push(fields ?? {}),
      };
      await using directory = open(config(server.port), log);
      expect(await directory.authenticate('mallory', password)).toMatchObject(rejected);
      expect(lines).toContainEqual(expect.objectContaining({ code: 49, subCode: code }));
      expect(JSON.stringify(lines)).not.toContain(password);
    },
  );

  it.each([1, 3, 8, 13, 51, 52, 80])('with result code %i is out, not refusing', async (code) => {
    await using server = await start({ bind: () => bindResult(code, 'no') });
    await using directory = open(config(server.port));
    expect(await directory.authenticate('mallory', password)).toEqual(unavailable);
    await using late = await start({ search: () => [searchResult(code)] });
    await using other = open(config(late.port));
    expect(await other.find('mallory')).toEqual(unavailable);
  });

  it('that answers one user strangely is not out for the others', async () => {
    let isStrange = true;
    await using server = await start({ bind: () => bindResult(isStrange ? 80 : 0) });
    await using directory = open(config(server.port));
    expect(await directory.authenticate('mallory', password)).toEqual(unavailable);
    isStrange = false;
    const verdicts = await Promise.all(
      [1, 2, 3].map(() => directory.authenticate('mallory', password)),
    );
    expect(verdicts.map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'accepted']);
  });

  it('finds nested groups by its own rule, asked with the whole name of the user', async () => {
    await using server = await start({
      groups: () => [
        entry(`CN=All of us,OU=Groups,${base}`, {}),
        entry(`CN=Ward 7,OU=Groups,${base}`, {}),
        searchResult(0),
      ],
    });
    await using directory = open(
      config(server.port, { groups: ldapGroups({ base, from: 'activeDirectory' }) }),
    );
    expect(await directory.find('mallory')).toMatchObject({
      principal: { groups: ['All of us', 'Ward 7'] },
    });
    const asked = server.asked.flatMap((one) =>
      one.kind === 'search' ? [one.filter.toString()] : [],
    );
    expect(asked.at(-1)).toContain('1.2.840.113556.1.4.1941');
    expect(asked.at(-1)).toContain(userDn);
  });

  it('is never followed to another server', async () => {
    await using trap = await start();
    const url = `ldap://127.0.0.1:${String(trap.port)}/${base}`;
    await using onBind = await start({ bind: () => referral('bind', url) });
    await using first = open(config(onBind.port));
    expect(await first.authenticate('mallory', password)).toEqual(unavailable);
    await using onSearch = await start({ search: () => [referral('search', url)] });
    await using second = open(config(onSearch.port));
    expect(await second.authenticate('mallory', password)).toEqual(unavailable);
    await using inSearch = await start({ search: () => [reference(url), searchResult(0)] });
    await using third = open(config(inSearch.port));
    expect(await third.authenticate('mallory', password)).toMatchObject(rejected);
    expect(trap.connections).toBe(0);
  });

  it('that takes a bind for an anonymous one lets nobody in', async () => {
    for (const nobody of ['', 'dn:']) {
      await using server = await start({ who: () => extendedResult(0, nobody) });
      await using directory = open(config(server.port));
      expect(await directory.authenticate('mallory', password)).toMatchObject(rejected);
    }
  });

  it('that does not say who is bound is asked for the entry itself', async () => {
    await using server = await start({ who: () => extendedResult(2) });
    await using directory = open(config(server.port));
    expect(await directory.authenticate('mallory', password)).toMatchObject({ kind: 'accepted' });
    let searches = 0;
    await using blind = await start({
      who: () => extendedResult(2),
      search: () => ((searches += 1) === 1 ? [person, searchResult(0)] : [searchResult(32)]),
    });
    await using other = open(config(blind.port));
    expect(await other.authenticate('mallory', password)).toMatchObject(rejected);
  });
});

describe('a bind name made from a template', () => {
  it('is name@domain or DOMAIN\\name, and takes plain names only', async () => {
    for (const [bindName, made] of [
      ['{username}@corp.example', 'mallory@corp.example'],
      ['CORP\\{username}', 'CORP\\mallory'],
    ] as const) {
      await using server = await start();
      await using directory = open(config(server.port, { bindName, service: null }));
      expect(await directory.authenticate('mallory', password)).toMatchObject({ kind: 'accepted' });
      for (const trick of [
        'a@b',
        'OTHER\\admin',
        'cn=admin',
        'S-1-5-32/x',
        'a b',
        '{guid}',
        'a"b',
      ]) {
        expect(await directory.authenticate(trick, password), trick).toMatchObject(rejected);
      }
      expect(server.binds).toEqual([made]);
    }
  });

  it('logs nobody in as the owner of an account name that is another one’s mail name', async () => {
    // mallory may call herself admin@corp.example; the search for that name finds the real admin.
    const admin = entry(`CN=Admin,${base}`, { sAMAccountName: ['admin'] });
    await using server = await start({ search: () => [admin, searchResult(0)] });
    await using directory = open(
      config(server.port, { bindName: '{username}@corp.example', service: null }),
    );
    expect(await directory.authenticate('admin', password)).toMatchObject(rejected);
    await using byDn = await start({
      search: () => [admin, searchResult(0)],
      who: () => extendedResult(0, `dn:${userDn}`),
    });
    await using other = open(
      config(byDn.port, { bindName: '{username}@corp.example', service: null }),
    );
    expect(await other.authenticate('admin', password)).toMatchObject(rejected);
  });

  it.each([32, 34, 49])('that leads nowhere (code %i) is a refusal', async (code) => {
    await using server = await start({ bind: () => bindResult(code) });
    await using directory = open(
      config(server.port, { bindName: '{username}@corp.example', service: null }),
    );
    expect(await directory.authenticate('mallory', password)).toMatchObject(rejected);
  });
});

describe('a server that is none', () => {
  const garbage = [
    ['HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['a message without end', Buffer.from('3084ffffffff', 'hex')],
    ['an indefinite length', Buffer.from('30800201', 'hex')],
    ['zeros', Buffer.alloc(64)],
    ['a message of another kind', Buffer.from('300702010277020a00', 'hex')],
    ['half a message', Buffer.from('300c0201', 'hex')],
  ] as const;

  it.each(garbage)('(%s) is an outage', async (what, bytes) => {
    await using server = await LdapReplay.start(() => [bytes]);
    const operationTimeoutMs = what === 'half a message' ? 300 : 60_000;
    // Nobody waits for the end of what can be no answer.
    await using directory = open(config(server.port, { operationTimeoutMs }));
    expect(await directory.authenticate('mallory', password)).toEqual(unavailable);
    expect(await directory.find('mallory')).toEqual(unavailable);
  });

  it('and ends a connection with a question on it is asked once more on another one', async () => {
    let searches = 0;
    await using server = await start({
      search: () => ((searches += 1) === 2 ? ['close'] : [person, searchResult(0)]),
    });
    await using directory = open(config(server.port, { connections: 1 }));
    expect(await directory.find('mallory')).toMatchObject({ kind: 'accepted' });
    expect(await directory.find('mallory')).toMatchObject({ kind: 'accepted' });
    expect([searches, server.connections]).toEqual([3, 2]);
  });

  it('or answers nothing is an outage after the time for an answer', async () => {
    await using server = await LdapReplay.start(() => []);
    await using directory = open(config(server.port));
    expect(await directory.authenticate('mallory', password)).toEqual(unavailable);
  });

  it('and speaks on after its answer to StartTLS is not believed', async () => {
    // In the clear, the beginning of "bind succeeded", to be finished by the first encrypted bytes.
    const injected = Buffer.from('3040020102613b0a010004000434', 'hex');
    await using server = await LdapReplay.start((question) =>
      question.kind === 'extended'
        ? [(id) => Buffer.concat([startTlsDone(id), injected])]
        : [bindResult(0)],
    );
    const reasons: unknown[] = [];
    const log = {
      ...silentLog,
      error: (_event: string, fields?: LogFields) => void reasons.push(fields?.['message']),
    };
    await using directory = open(config(server.port, { isStartTls: true }), log);
    expect(await directory.authenticate('mallory', password)).toEqual(unavailable);
    expect(server.binds).toEqual([]);
    expect(reasons).toEqual(['more than an answer to StartTLS']);
  });

  it('and refuses StartTLS gets no password in the clear', async () => {
    await using server = await LdapReplay.start((question) =>
      question.kind === 'extended' ? [extendedResult(52)] : [bindResult(0)],
    );
    await using directory = open(config(server.port, { isStartTls: true }));
    expect(await directory.authenticate('mallory', password)).toEqual(unavailable);
    expect(server.binds).toEqual([]);
  });
});

function startTlsDone(id: number): Buffer {
  const answer = extendedResult(0);
  if (answer === 'close' || Buffer.isBuffer(answer)) throw new Error('no answer');
  return answer(id);
}
