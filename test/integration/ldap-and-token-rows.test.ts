import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Gateway } from '../support/gateway.ts';
import { demoUsers, planned } from '../support/gateway-yaml.ts';
import { audience, IdentityProvider, signingKey } from '../support/identity-provider.ts';
import { groups, ldapPassword, loopLdif, people, treeLdif } from '../support/ldap-tree.ts';
import { logIn, tryLogin, tryTokenLogin } from '../support/login.ts';
import { ask } from '../support/raw-client.ts';
import { RecordingUpstream } from '../support/recording-upstream.ts';
import { request } from '../support/request.ts';
import { serviceDn, servicePassword, Slapd } from '../support/slapd.ts';
import { controlOfOss, startTykeFront } from '../support/tyke-front.ts';

/** Directories that are servers of their own, behind a gateway that speaks as Tyke did. */
describe('a gateway with LDAP and a provider', () => {
  const stack = new AsyncDisposableStack();
  let slapd: Slapd;
  let provider: IdentityProvider;
  let upstream: RecordingUpstream;
  let gateway: Gateway;
  let front: number;

  beforeAll(async () => {
    slapd = stack.use(await Slapd.start(treeLdif));
    stack.defer(() => slapd.signal('SIGCONT'));
    await slapd.modify(loopLdif);
    provider = stack.use(await IdentityProvider.start(signingKey('key')));
    upstream = stack.use(await RecordingUpstream.start());
    const yaml = planned({ answers: 'tyke', upstreamPorts: [upstream.port] });
    const alice = { username: 'alice', password: 'of the file', role: 'patient' };
    yaml.directories = {
      people: {
        type: 'ldap',
        urls: [`ldap://localhost:${String(slapd.port)}`],
        startTls: true,
        caFile: slapd.certificates.caFile,
        service: { dn: serviceDn, password: servicePassword },
        userBase: people,
        groups: { base: groups },
        roles: [{ group: `cn=gateway-staff,${groups}`, role: 'staffuser' }],
        connectTimeout: '500ms',
        operationTimeout: '500ms',
      },
      demo: { type: 'static', insecurePlainText: true, users: [...demoUsers, alice] },
      provider: {
        type: 'token',
        issuer: provider.issuer,
        audiences: [audience],
        roles: [{ group: 'doctors', role: 'physician' }],
        keys: { cooldown: '100ms', timeout: '500ms' },
      },
    };
    yaml.listeners['control'] = {
      trustedPeers: ['127.0.0.1/32'],
      routes: [
        ...controlOfOss,
        { exactPath: '/logout_user', endpoint: 'logoutUser' },
        { exactPath: '/escalate', endpoint: 'escalate' },
      ],
    };
    gateway = stack.use(await Gateway.start({ ...yaml, identity: { format: 'json' } }));
    front = await startTykeFront(gateway, upstream.port, stack);
  });
  afterAll(() => stack.disposeAsync());

  async function seenAs(cookie: string): Promise<unknown> {
    upstream.requests.length = 0;
    const answer = await ask(
      front,
      request('GET', '/api/x', [`Cookie: ${cookie}`, 'Connection: close']),
    );
    expect(answer.status).toBe(200);
    return JSON.parse(upstream.requests[0]?.values('x-userinfo')[0] ?? '{}');
  }

  async function statusOf(cookie: string): Promise<number> {
    return (await ask(front, request('GET', '/api/x', [`Cookie: ${cookie}`, 'Connection: close'])))
      .status;
  }

  async function staffCall(path: string, cookie: string, username: string): Promise<number> {
    const body = JSON.stringify({ username });
    const lines = [
      `Cookie: ${cookie}`,
      'Connection: close',
      `Content-Length: ${String(body.length)}`,
    ];
    return (await ask(gateway.control, request('POST', path, lines, body))).status;
  }

  it('T50: logs in by search and bind, with groups by memberOf', async () => {
    const { cookie } = await logIn(front, 'alice', ldapPassword);
    expect(await seenAs(cookie)).toEqual({
      username: 'alice',
      role: 'nobody',
      groups: ['Board, inner-circle v1.2', 'doctors'],
    });
  });

  it('T51: answers a wrong password and an unknown name alike, and never 500', async () => {
    const answers = await Promise.all(
      [
        ['alice', 'wrong'],
        ['nobody-here', 'wrong'],
        ['no-password', 'wrong'],
        ['twin', 'first'],
      ].map(([name = '', word = '']) => tryLogin(front, name, word)),
    );
    for (const answer of answers) {
      expect(answer.status).toBe(403);
      expect(answer.text()).toBe('invalid user');
    }
  });

  it.each(['', '\0', 'x\0'])(
    'T52, P50: refuses the password %j, which a server might take for none',
    async (word) => {
      const answer = await tryLogin(front, 'alice', word);
      expect(answer.status).toBe(403);
      expect(answer.text()).toBe('invalid user');
    },
  );

  it.each([
    '*',
    'a*',
    'alice)(uid=*',
    '*)(|(uid=*',
    'alice\0',
    '\\61lice',
    ')',
    '(',
    `uid=alice,${people}`,
  ])('T52, P51: takes the name %j for a name and nothing else', async (name) => {
    for (const word of [ldapPassword, 'wrong']) {
      const answer = await tryLogin(front, name, word);
      expect(answer.status, name).toBe(403);
    }
  });

  it('T53: makes nobody staff but those whom a rule names', async () => {
    const staff = await logIn(front, 'carol', 'carol knows');
    expect(await seenAs(staff.cookie)).toMatchObject({ role: 'staffuser' });
    // bob is in a group of the same name elsewhere.
    const other = await logIn(front, 'bob', 'bob knows');
    expect(await seenAs(other.cookie)).toMatchObject({ role: 'nobody', groups: ['gateway-staff'] });
    expect(await staffCall('/logout_user', other.cookie, 'user1')).toBe(403);
    expect(await staffCall('/escalate', staff.cookie, 'alice')).toBe(200);
    expect(await staffCall('/escalate', staff.cookie, 'carol')).toBe(403);
  });

  it('T45: asks one directory after another, and the first that accepts wins', async () => {
    const inLdap = await logIn(front, 'alice', ldapPassword);
    expect(await seenAs(inLdap.cookie)).toMatchObject({ role: 'nobody' });
    const inFile = await logIn(front, 'alice', 'of the file');
    expect(await seenAs(inFile.cookie)).toMatchObject({ role: 'patient' });
  });

  it('T59: logs in by the token of a provider, whose users staff can log out', async () => {
    const { cookie = '', response } = await tryTokenLogin(front, await provider.tokenFor('alice'));
    expect(response.status).toBe(200);
    expect(response.text()).toBe('HELLO alice');
    expect(await seenAs(cookie)).toEqual({
      username: 'alice',
      role: 'physician',
      groups: ['clinic', 'doctors'],
    });
    const zoe = await tryTokenLogin(front, await provider.tokenFor('zoe'));
    const staff = await logIn(front, 'admin', 'password');
    // No directory can look zoe up; the live session knows her.
    expect(await staffCall('/logout_user', staff.cookie, 'zoe')).toBe(200);
    expect(await statusOf(zoe.cookie ?? '')).toBe(403);
    expect(await staffCall('/logout_user', staff.cookie, 'nobody-here')).toBe(403);
  });

  it.each(['killed', 'frozen'] as const)(
    'T46: with LDAP %s the others log in, live sessions live on, staff act, and everything heals',
    async (how) => {
      const live = await logIn(front, 'alice', ldapPassword);
      const victim = await logIn(front, 'bob', 'bob knows');
      const staff = await logIn(front, 'admin', 'password');
      if (how === 'killed') await slapd.kill();
      else slapd.signal('SIGSTOP');
      await logIn(front, 'user1', 'pass1');
      const token = await tryTokenLogin(front, await provider.tokenFor('alice'));
      expect(token.response.status).toBe(200);
      for (const word of [ldapPassword, 'wrong']) {
        const answer = await tryLogin(front, 'bob', word);
        expect(answer.status).toBe(503);
        expect(answer.value('retry-after')).toBeDefined();
        expect(answer.value('set-cookie')).toBeUndefined();
      }
      expect(await statusOf(live.cookie)).toBe(200);
      expect(await staffCall('/logout_user', staff.cookie, 'bob')).toBe(200);
      expect(await statusOf(victim.cookie)).toBe(403);
      if (how === 'killed') await slapd.launch();
      else slapd.signal('SIGCONT');
      await logIn(front, 'bob', 'bob knows');
    },
  );

  it.each(['frozen', 'garbage'] as const)(
    'T46: with the provider %s the others log in, and everything heals',
    async (mood) => {
      await tryTokenLogin(front, await provider.tokenFor('alice'));
      provider.rotate(signingKey(`after ${mood}`));
      const token = await provider.tokenFor('alice');
      provider.mood = mood;
      await logIn(front, 'user1', 'pass1');
      await logIn(front, 'alice', ldapPassword);
      await expect.poll(async () => (await tryTokenLogin(front, token)).response.status).toBe(503);
      provider.mood = 'well';
      await expect.poll(async () => (await tryTokenLogin(front, token)).response.status).toBe(200);
    },
  );
});
