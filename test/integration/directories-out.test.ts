import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { account, DatabaseServer } from '../support/database-server.ts';
import { addDjangoUsers, createDjangoTables } from '../support/django-tables.ts';
import { garbageServer } from '../support/garbage-server.ts';
import { Gateway } from '../support/gateway.ts';
import { demoUsers, planned } from '../support/gateway-yaml.ts';
import { audience, IdentityProvider, signingKey } from '../support/identity-provider.ts';
import { groups, ldapPassword, people, treeLdif } from '../support/ldap-tree.ts';
import { logIn, tryLogin, tryTokenLogin } from '../support/login.ts';
import { patientMs } from '../support/patience.ts';
import { ask, RawClient } from '../support/raw-client.ts';
import { ok, RecordingUpstream } from '../support/recording-upstream.ts';
import { request } from '../support/request.ts';
import { serviceDn, servicePassword, Slapd } from '../support/slapd.ts';
import { waitFor } from '../support/wait-for.ts';

/** Of the password `word`, cheap: these tests are not about hashing. */
const cheap = 'pbkdf2_sha256$1000$abcdefghijkl$ljt9SSrB4OZRwSAjrzhWzjqy87/3JRlPsarLn3TE5KE=';

type Kind = 'people' | 'app' | 'provider';

/** Somebody asks all the time, with each of several sessions, on connections that are kept. */
class Traffic implements AsyncDisposable {
  readonly #port: number;
  readonly #loops: Promise<void>[] = [];
  #isOver = false;
  /** Statuses by session; an expected end is taken out before it comes. */
  readonly #faults: string[] = [];
  readonly #ending = new Set<string>();
  answers = 0;

  constructor(port: number) {
    this.#port = port;
  }

  with(who: string, cookie: string): void {
    this.#loops.push(this.#ask(who, cookie));
  }

  /** From here on this session may end. */
  letGo(who: string): void {
    this.#ending.add(who);
  }

  /** What should not have come. */
  get faults(): readonly string[] {
    return this.#faults;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#loops);
  }

  async #ask(who: string, cookie: string): Promise<void> {
    await using client = await RawClient.connect(this.#port);
    while (!this.#isOver && !this.#ending.has(who)) {
      const { status } = await client.write(request('GET', '/x', [`Cookie: ${cookie}`])).response();
      this.answers += 1;
      if (status !== 200 && !this.#ending.has(who)) this.#faults.push(`${who}: ${String(status)}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

describe('a gateway whose directories fail under traffic', () => {
  const stack = new AsyncDisposableStack();
  let slapd: Slapd;
  let database: DatabaseServer;
  let provider: IdentityProvider;
  let upstream: RecordingUpstream;
  let gateway: Gateway;

  beforeAll(async () => {
    slapd = stack.use(await Slapd.start(treeLdif));
    stack.defer(() => slapd.signal('SIGCONT'));
    database = stack.use(await DatabaseServer.start('mysql'));
    stack.defer(() => database.thaw());
    await createDjangoTables(database);
    await addDjangoUsers(database, [
      { username: 'dora', password: cheap },
      { username: 'dirk', password: cheap },
    ]);
    provider = stack.use(await IdentityProvider.start(signingKey('key')));
    upstream = stack.use(await RecordingUpstream.start());
    upstream.answer = ok();
    const yaml = planned({ upstreamPorts: [upstream.port] });
    yaml.directories = {
      people: {
        type: 'ldap',
        urls: [`ldap://127.0.0.1:${String(slapd.port)}`],
        service: { dn: serviceDn, password: servicePassword },
        userBase: people,
        groups: { base: groups },
        ...{ connectTimeout: '300ms', operationTimeout: '300ms' },
      },
      app: {
        type: 'django',
        ...{ engine: 'mysql', address: `127.0.0.1:${String(database.port)}` },
        ...{ database: account.database, username: 'gateway', password: account.password },
        ...{ connectTimeout: '300ms', queryTimeout: '300ms' },
      },
      provider: {
        type: 'token',
        issuer: provider.issuer,
        audiences: [audience],
        keys: { cooldown: '100ms', timeout: '300ms', refresh: '1s', maxAge: '1s' },
      },
      demo: { type: 'static', insecurePlainText: true, users: [...demoUsers] },
    };
    yaml.listeners['control'] = {
      routes: [{ exactPath: '/logout_user', endpoint: 'logoutUser' }],
    };
    gateway = stack.use(await Gateway.start({ ...yaml, sessions: { refreshInterval: '1s' } }));
  }, patientMs(60_000));
  afterAll(() => stack.disposeAsync());

  /** Two of each directory: one stays, one is thrown out. */
  async function enter(who: 'alice' | 'bob' | 'dora' | 'dirk' | 'carol' | 'zoe'): Promise<string> {
    switch (who) {
      case 'alice':
        return (await logIn(gateway.edge, who, ldapPassword)).cookie;
      case 'bob':
        return (await logIn(gateway.edge, who, 'bob knows')).cookie;
      case 'dora':
      case 'dirk':
        return (await logIn(gateway.edge, who, 'word')).cookie;
      case 'carol':
      case 'zoe': {
        const { cookie } = await tryTokenLogin(gateway.edge, await provider.tokenFor(who));
        if (cookie === undefined) throw new Error(`${who} was not let in`);
        return cookie;
      }
    }
  }

  async function logOut(username: string): Promise<number> {
    const { cookie } = await logIn(gateway.edge, 'admin', 'password');
    const body = JSON.stringify({ username });
    const lines = [`Cookie: ${cookie}`, `Content-Length: ${String(body.length)}`];
    const answer = await ask(
      gateway.control,
      request('POST', '/logout_user', [...lines, 'Connection: close'], body),
    );
    return answer.status;
  }

  const inhabitants = {
    people: ['alice', 'bob'],
    app: ['dora', 'dirk'],
    provider: ['carol', 'zoe'],
  } as const;

  /** Lets a directory fail in a way, and gives back what ends that. */
  async function fail(
    kind: Kind,
    way: 'killed' | 'frozen' | 'garbage',
  ): Promise<() => Promise<void>> {
    if (kind === 'provider') {
      if (way === 'killed') {
        await provider.kill();
        return () => provider.launch();
      }
      provider.mood = way;
      return async () => {
        provider.mood = 'well';
      };
    }
    if (way === 'frozen') {
      if (kind === 'app') database.freeze();
      else slapd.signal('SIGSTOP');
      return async () => {
        if (kind === 'app') database.thaw();
        else slapd.signal('SIGCONT');
      };
    }
    const server =
      kind === 'app'
        ? { port: database.port, kill: () => database.kill(), begin: () => database.begin() }
        : { port: slapd.port, kill: () => slapd.kill(), begin: () => slapd.launch() };
    await server.kill();
    const garbage = way === 'garbage' ? await garbageServer(server.port) : null;
    return async () => {
      await garbage?.[Symbol.asyncDispose]();
      await server.begin();
    };
  }

  const isOut = async (kind: Kind): Promise<boolean> =>
    (await gateway.metric('portcullis_directory_out', `directory="${kind}"`)) === 1;

  describe.each(['people', 'app', 'provider'] as const)('of which %s', (kind) => {
    it.each(['killed', 'frozen', 'garbage'] as const)(
      'is %s: others log in, live sessions live on, logout_user works, and all heals',
      { timeout: patientMs(60_000) },
      async (way) => {
        const [stays, goes] = inhabitants[kind];
        const tokens = kind === 'provider' ? await provider.tokenFor(stays) : '';
        await using traffic = new Traffic(gateway.edge);
        for (const who of ['alice', 'bob', 'dora', 'dirk', 'carol', 'zoe'] as const) {
          traffic.with(who, await enter(who));
        }
        const heal = await fail(kind, way);
        try {
          // The refresh notices it, or somebody who wants to log in.
          if (kind !== 'provider') await waitFor('the outage to show', () => isOut(kind), 10_000);
          const other = kind === 'people' ? 'dora' : 'alice';
          await enter(other);
          await logIn(gateway.edge, 'user1', 'pass1');
          if (kind !== 'provider') {
            const refused = await tryLogin(gateway.edge, stays, 'word');
            expect([refused.status, refused.value('retry-after')]).toEqual([503, '1']);
          } else {
            // Known keys go on for as long as they are said to.
            await waitFor('the keys to be forgotten', async () => {
              const { response } = await tryTokenLogin(gateway.edge, tokens);
              return response.status === 503;
            });
            expect(await isOut(kind)).toBe(true);
          }
          traffic.letGo(goes);
          expect(await logOut(goes)).toBe(200);
        } finally {
          await heal();
        }
        await waitFor(
          'the directory to be back',
          () =>
            enter(stays).then(
              () => true,
              () => false,
            ),
          20_000,
        );
        expect(await isOut(kind)).toBe(false);
        const before = traffic.answers;
        await waitFor('more traffic', () => traffic.answers > before + 20);
        expect(traffic.faults).toEqual([]);
      },
    );
  });
});
