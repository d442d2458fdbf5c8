import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { curl, type CurlAnswer } from '../support/curl.ts';
import { Gateway, Process, projectRoot } from '../support/gateway.ts';
import type { GatewayYaml, UserYaml } from '../support/gateway-yaml.ts';
import { RecordingUpstream } from '../support/recording-upstream.ts';
import { exceptionOf, startOssNginx, tykeFront } from '../support/tyke-front.ts';
import { waitFor } from '../support/wait-for.ts';

/** The rows that hold under the shipped configuration; each has a test whose title begins with its number. */
const required = [...Array.from({ length: 45 }, (_, index) => index + 1), 47, 56, 58];
/** Those that no client sees at the edge: the control listener alone, the configuration, the process. */
const apart = new Set([5, 9, 29, 33, 36, 37, 39, 41, 43, 44, 45, 47, 56]);
const tested = new Set<number>();

function row(number: number, claim: string, test: () => Promise<void>): void {
  tested.add(number);
  if (tykeFront === 'nginx' && apart.has(number)) return;
  it(`T${String(number)} ${claim}`, test);
}

/** A second member of staff: what staff may not do to staff is tried on somebody else, too. */
const colleague: UserYaml = { username: 'staff2', password: 'password2', role: 'staffuser' };

/**
 * The shipped `config/tyke.yaml` with free ports and one user more. Its upstream stays what it is there: our own echo
 * on the control listener.
 */
async function shipped(change: (yaml: GatewayYaml) => void = () => {}): Promise<GatewayYaml> {
  const text = await readFile(join(projectRoot, 'config/tyke.yaml'), 'utf8');
  const yaml = parse(text) as GatewayYaml; // a file of ours; the gateway checks it
  for (const listener of Object.values(yaml.listeners)) delete listener.address;
  for (const upstream of Object.values(yaml.upstreams ?? {})) {
    upstream.servers = upstream.servers.map((server) =>
      server.replace(/\$\{PORTCULLIS_CONTROL_PORT:-\d+\}/, '{port:control}'),
    );
  }
  for (const directory of Object.values(yaml.directories ?? {})) {
    if (directory.type !== 'static') continue;
    directory.insecurePlainText = true;
    directory.users.push({ ...colleague });
  }
  change(yaml);
  return yaml;
}

function onUpstream(port: number): (yaml: GatewayYaml) => void {
  return (yaml) => {
    for (const upstream of Object.values(yaml.upstreams ?? {})) {
      upstream.servers = [`127.0.0.1:${String(port)}`];
    }
  };
}

/** A client with cookie jars of its own, as a person at a shell has them. */
class Shell {
  readonly folder: string;
  readonly #gateway: Gateway;
  readonly #front: number;

  constructor(gateway: Gateway, front: number, folder: string) {
    this.#gateway = gateway;
    this.#front = front;
    this.folder = folder;
  }

  /** Tyke's gateway: the edge, or the NGINX that asks /validate. */
  get TG(): string {
    return `http://localhost:${String(this.#front)}`;
  }

  /** Tyke itself: the control listener. */
  get TA(): string {
    return `http://localhost:${String(this.#gateway.control)}`;
  }

  jar(name: string): string {
    return join(this.folder, name);
  }

  async login(jar: string, username = 'user1', password = 'pass1'): Promise<CurlAnswer> {
    const body = JSON.stringify({ username, password });
    return await curl('-c', this.jar(jar), '-d', body, `${this.TG}/auth/login`);
  }

  async staffCall(jar: string, path: string, username: string): Promise<CurlAnswer> {
    const body = JSON.stringify({ username });
    return await curl('-b', this.jar(jar), '-d', body, `${this.TA}${path}`);
  }

  /** The cookie of a jar, `name=value`. */
  async cookie(jar: string): Promise<string> {
    const lines = (await readFile(this.jar(jar), 'utf8')).split('\n');
    const line = lines.find((text) => text.includes('tyke_auth')) ?? '';
    const [name = '', value = ''] = line.split('\t').slice(-2);
    return `${name}=${value}`;
  }
}

interface Stage extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly shell: Shell;
}

async function stage(change?: (yaml: GatewayYaml) => void): Promise<Stage> {
  const stack = new AsyncDisposableStack();
  const yaml = await shipped(change);
  const gateway = stack.use(await Gateway.start(yaml));
  let front = gateway.edge;
  if (tykeFront === 'nginx') {
    const [server = ''] = Object.values(yaml.upstreams ?? {})[0]?.servers ?? [];
    const port = server.includes('{port:control}') ? gateway.control : server.split(':')[1];
    const nginx = await startOssNginx({
      controlPort: gateway.control,
      upstreamPort: Number(port),
      cookieName: String(yaml.cookie?.['name']),
      identityField: String(yaml.identity?.['field']),
    });
    front = stack.use(nginx).port;
  }
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-jars-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  return {
    gateway,
    shell: new Shell(gateway, front, folder),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const setCookie = (answer: CurlAnswer): string[] =>
  answer.head
    .split('\r\n')
    .filter((line) => /^set-cookie:/i.test(line))
    .map((line) => line.slice(line.indexOf(':') + 1).trim());

const shownUserInfo = (answer: CurlAnswer): string[] =>
  [...answer.body.matchAll(/X-UserInfo: (user\d:\w+:(?:\w+,\w+)?)/gi)].map(
    (match) => match[1] ?? '',
  );

const removal = /^tyke_auth=;(?=.*Max-Age=0)(?=.*Path=\/(;|$))/;

describe('Tyke, row by row, under config/tyke.yaml', () => {
  let here: Stage;
  let shell: Shell;
  beforeAll(async () => {
    here = await stage();
    shell = here.shell;
  });
  afterAll(async () => {
    await here[Symbol.asyncDispose]();
  });

  row(1, 'a login with JSON gives 200, the greeting and the cookie', async () => {
    const answer = await shell.login('jar1');
    expect(answer.status).toBe(200);
    expect(answer.body).toBe('HELLO user1');
    expect(setCookie(answer)).toEqual([expect.stringMatching(/^tyke_auth=[^;]+;/)]);
  });

  row(
    2,
    'a wrong password and an unknown user are 403 alike, and the cookie is removed',
    async () => {
      for (const [username, password] of [
        ['user1', 'wrong'],
        ['nosuch', 'pass1'],
        ['user1', ''],
      ]) {
        const answer = await shell.login('bad', username, password);
        expect(answer.status).toBe(403);
        expect(answer.body).toBe('invalid user');
        expect(setCookie(answer)).toEqual([expect.stringMatching(removal)]);
      }
    },
  );

  row(3, 'malformed JSON is 400, a missing field is 422', async () => {
    const malformed = await curl('-d', '{', `${shell.TG}/auth/login`);
    expect(malformed.status).toBe(400);
    expect(malformed.body).toBe('The request body was malformed.');
    for (const body of ['{"username":"a"}', '{"password":"a"}', '{"username":1,"password":"a"}']) {
      const incomplete = await curl('-d', body, `${shell.TG}/auth/login`);
      expect(incomplete.status).toBe(422);
      expect(incomplete.body).toBe('The request body was invalid.');
    }
  });

  row(4, 'a login needs no content type', async () => {
    const body = '{"username":"user1","password":"pass1"}';
    for (const type of [
      'application/x-www-form-urlencoded',
      'text/plain',
      'application/json',
      '',
    ]) {
      const answer = await curl(
        '-H',
        `Content-Type: ${type}`,
        '-d',
        body,
        `${shell.TG}/auth/login`,
      );
      expect(answer.status, type).toBe(200);
    }
  });

  row(5, 'GET on login is no login', async () => {
    expect((await curl(`${shell.TA}/login`)).status).toBe(403);
  });

  row(6, 'each login makes a session of its own', async () => {
    const sessions: unknown[] = [];
    for (const jar of ['six1', 'six2']) {
      await shell.login(jar);
      const answer = await curl('-b', shell.jar(jar), `${shell.TG}/auth/session`);
      expect(answer.status).toBe(200);
      sessions.push((JSON.parse(answer.body) as { session: unknown }).session);
    }
    expect(new Set(sessions).size).toBe(2);
  });

  row(8, 'the cookie is HttpOnly, SameSite and for the whole site', async () => {
    const [cookie = ''] = setCookie(await shell.login('eight'));
    const attributes = cookie.split('; ').slice(1);
    expect(attributes.toSorted()).toEqual(['HttpOnly', 'Path=/', 'SameSite=Lax']);
  });

  row(9, 'the token shows neither user nor time', async () => {
    await shell.login('nine');
    const token = (await shell.cookie('nine')).slice('tyke_auth='.length);
    const { body } = await curl('-b', shell.jar('nine'), `${shell.TG}/auth/session`);
    const { session } = JSON.parse(body) as { session: string };
    const readable = token
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString('latin1'));
    for (const text of [token, ...readable]) {
      for (const word of ['user1', 'physician', 'group1', session, session.replaceAll('-', '')]) {
        expect(text).not.toContain(word);
      }
      expect(text).not.toMatch(/1[5-9]\d{8}/);
    }
  });

  row(10, 'a tampered token is 403', async () => {
    await shell.login('ten');
    const cookie = await shell.cookie('ten');
    expect((await curl('-b', cookie, `${shell.TG}/api/echo`)).status).toBe(200);
    expect((await curl('-b', 'tyke_auth=bad', `${shell.TG}/api/echo`)).status).toBe(403);
    for (let at = 'tyke_auth='.length; at < cookie.length; at += 7) {
      const flipped = cookie.slice(0, at) + (cookie[at] === 'A' ? 'B' : 'A') + cookie.slice(at + 1);
      expect((await curl('-b', flipped, `${shell.TG}/api/echo`)).status, String(at)).toBe(403);
    }
  });

  row(14, 'the upstream gets X-UserInfo as user:role:groups', async () => {
    await shell.login('jar1');
    const answer = await curl('-b', shell.jar('jar1'), `${shell.TG}/api/echo`);
    expect(answer.status).toBe(200);
    expect(shownUserInfo(answer)).toEqual(['user1:physician:group1,group2']);
  });

  row(15, 'without groups it ends in a colon', async () => {
    await shell.login('fifteen', 'user2', 'pass2');
    const answer = await curl('-b', shell.jar('fifteen'), `${shell.TG}/api/echo`);
    expect(shownUserInfo(answer)).toEqual(['user2:patient:']);
  });

  row(16, 'an X-UserInfo of the client is overwritten', async () => {
    const spoofed = ['-H', 'X-UserInfo: root:staffuser:', '-H', 'x_userinfo: root:staffuser:'];
    const answer = await curl('-b', shell.jar('jar1'), ...spoofed, `${shell.TG}/api/echo`);
    expect(answer.status).toBe(200);
    expect(answer.body).not.toContain('root');
    expect(shownUserInfo(answer)).toEqual(['user1:physician:group1,group2']);
  });

  row(18, 'neither our cookie nor Authorization reaches the service', async () => {
    const cookie = `app=1; ${await shell.cookie('jar1')}`;
    const answer = await curl('-b', cookie, '-H', 'Authorization: x', `${shell.TG}/api/echo`);
    expect(answer.status).toBe(200);
    expect(answer.body).toContain('Cookie: app=1');
    expect(answer.body).not.toContain('tyke_auth');
    expect(answer.body.toLowerCase()).not.toContain('authorization');
  });

  row(19, 'each request has an id of its own', async () => {
    const ids: string[] = [];
    for (let round = 0; round < 2; round++) {
      const answer = await curl('-b', shell.jar('jar1'), `${shell.TG}/api/echo`);
      ids.push(/X-Request-Id: ([0-9a-f]{32})\b/i.exec(answer.body)?.[1] ?? 'none');
    }
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(ids).size).toBe(2);
  });

  row(21, 'a failed validation removes the cookie', async () => {
    const answer = await curl('-b', 'tyke_auth=bad', `${shell.TG}/api/echo`);
    expect(answer.status).toBe(403);
    expect(setCookie(answer)).toEqual([expect.stringMatching(removal)]);
  });

  row(22, 'the session shows its handle, user, role and time', async () => {
    const answer = await curl('-b', shell.jar('jar1'), `${shell.TG}/auth/session`);
    const shown = JSON.parse(answer.body) as Record<string, unknown>;
    expect(Object.keys(shown).toSorted()).toEqual(['role', 'session', 'timestamp', 'username']);
    expect(shown['session']).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(shown['username']).toBe('user1');
    expect(shown['role']).toBe('physician');
    expect(shown['timestamp']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  });

  row(23, 'the session is shown at /session and at /auth/session', async () => {
    for (const path of ['/session', '/auth/session']) {
      expect((await curl('-b', shell.jar('jar1'), `${shell.TG}${path}`)).status, path).toBe(200);
    }
  });

  row(24, 'without a cookie no session is shown', async () => {
    for (const path of ['/session', '/auth/session']) {
      expect((await curl(`${shell.TG}${path}`)).status, path).toBe(403);
    }
  });

  row(25, 'a logout ends this session only', async () => {
    await shell.login('mine');
    await shell.login('other');
    const answer = await curl('-b', shell.jar('mine'), `${shell.TG}/auth/logout`);
    expect(answer.status).toBe(200);
    expect(answer.body).toBe('Goodbye.');
    expect((await curl('-b', shell.jar('mine'), `${shell.TG}/api/echo`)).status).toBe(403);
    expect((await curl('-b', shell.jar('other'), `${shell.TG}/api/echo`)).status).toBe(200);
  });

  row(26, 'a token that logged out is refused', async () => {
    await shell.login('replay');
    const cookie = await shell.cookie('replay');
    expect((await curl('-b', cookie, `${shell.TG}/api/echo`)).status).toBe(200);
    expect((await curl('-b', cookie, `${shell.TG}/auth/logout`)).status).toBe(200);
    const answer = await curl('-b', cookie, `${shell.TG}/api/echo`);
    expect(answer.status).toBe(403);
    expect(setCookie(answer)).toEqual([expect.stringMatching(removal)]);
  });

  row(27, 'a logout removes the cookie from a real jar', async () => {
    await shell.login('real');
    expect(await readFile(shell.jar('real'), 'utf8')).toContain('tyke_auth');
    await curl('-b', shell.jar('real'), '-c', shell.jar('real'), `${shell.TG}/auth/logout`);
    expect(await readFile(shell.jar('real'), 'utf8')).not.toContain('tyke_auth');
  });

  row(28, 'a logout without a session is 403', async () => {
    expect((await curl(`${shell.TG}/auth/logout`)).status).toBe(403);
  });

  row(29, 'the validate endpoint says 200 with X-UserInfo, or 403', async () => {
    const answer = await curl('-b', shell.jar('jar1'), `${shell.TA}/validate`);
    expect(answer.status).toBe(200);
    expect(answer.body).toBe('you good');
    expect(answer.head).toMatch(/^X-UserInfo: user1:physician:group1,group2\r?$/im);
    const refused = await curl(`${shell.TA}/validate`);
    expect(refused.status).toBe(403);
    expect(refused.head.toLowerCase()).not.toContain('x-userinfo');
  });

  row(34, 'staff ends all sessions of a user', async () => {
    await shell.login('victim1');
    await shell.login('victim2');
    await shell.login('staff', 'admin', 'password');
    const answer = await shell.staffCall('staff', '/logout_user', 'user1');
    expect(answer.status).toBe(200);
    expect(answer.body).toBe('Logged out user user1');
    for (const jar of ['victim1', 'victim2']) {
      expect((await curl('-b', shell.jar(jar), `${shell.TG}/api/echo`)).status, jar).toBe(403);
    }
  });

  row(35, 'to end the sessions of a user who has none is 200', async () => {
    for (let round = 0; round < 2; round++) {
      expect((await shell.staffCall('staff', '/logout_user', 'user1')).status).toBe(200);
    }
  });

  row(36, 'who is not staff may not end sessions', async () => {
    await shell.login('member');
    const answer = await shell.staffCall('member', '/logout_user', 'user2');
    expect(answer.status).toBe(403);
    expect(answer.body).toBe('Not allowed');
  });

  row(37, 'the sessions of staff and of nobody cannot be ended', async () => {
    for (const target of ['admin', 'staff2', 'nosuch']) {
      const answer = await shell.staffCall('staff', '/logout_user', target);
      expect(answer.status, target).toBe(403);
      expect(answer.body).toBe('Not allowed');
    }
    expect((await curl('-b', shell.jar('staff'), `${shell.TA}/validate`)).status).toBe(200);
  });

  row(38, 'staff gets a session of a user', async () => {
    const body = '{"username":"user1"}';
    const jars = ['-b', shell.jar('staff'), '-c', shell.jar('escalated')];
    const answer = await curl(...jars, '-d', body, `${shell.TA}/escalate`);
    expect(answer.status).toBe(200);
    expect(answer.body).toBe('HELLO user1');
    const shown = await curl('-b', shell.jar('escalated'), `${shell.TG}/auth/session`);
    expect(JSON.parse(shown.body)).toMatchObject({ username: 'user1', role: 'physician' });
  });

  row(39, 'the session of the staff lives on', async () => {
    const answer = await curl('-b', shell.jar('staff'), `${shell.TA}/validate`);
    expect(answer.status).toBe(200);
    expect(answer.head).toMatch(/^X-UserInfo: admin:staffuser:\r?$/im);
  });

  row(40, 'the session of the user has no rights of staff', async () => {
    for (const path of ['/logout_user', '/escalate']) {
      expect((await shell.staffCall('escalated', path, 'user2')).status, path).toBe(403);
    }
  });

  row(
    41,
    'nobody gets a session of staff or of nobody, and only staff gets one at all',
    async () => {
      for (const target of ['admin', 'staff2', 'nosuch']) {
        expect((await shell.staffCall('staff', '/escalate', target)).status, target).toBe(403);
      }
      await shell.login('member');
      const answer = await shell.staffCall('member', '/escalate', 'user2');
      expect(answer.status).toBe(403);
      expect(setCookie(answer)).toEqual([]);
    },
  );

  row(42, 'the calls of staff are not on the edge', async () => {
    for (const path of [
      '/auth/escalate',
      '/escalate',
      '/auth/logout_user',
      '/logout_user',
      '/validate',
    ]) {
      for (const jar of ['staff', 'nobody']) {
        const body = '{"username":"user1"}';
        const answer = await curl('-b', shell.jar(jar), '-d', body, `${shell.TG}${path}`);
        expect([403, 404], path).toContain(answer.status);
        expect(setCookie(answer)).toEqual([]);
      }
    }
  });

  row(43, 'an unknown path is 403 for nobody, 403 for a user, 404 for staff', async () => {
    expect((await curl(`${shell.TA}/nope`)).status).toBe(403);
    const member = await curl('-b', shell.jar('member'), `${shell.TA}/nope`);
    expect(member.status).toBe(403);
    expect(member.body).toBe('Not allowed');
    const staff = await curl('-b', shell.jar('staff'), `${shell.TA}/nope`);
    expect(staff.status).toBe(404);
    expect(staff.body).toBe('Not found');
  });

  row(58, 'the echo shows the fields that it got', async () => {
    const direct = await curl('-H', 'X-Shown: yes', `${shell.TA}/api/echo`);
    expect(direct.status).toBe(200);
    expect(direct.body).toMatch(/^Headers\(.*X-Shown: yes.*\)\n?$/);
    await shell.login('echo');
    const through = await curl(
      '-b',
      shell.jar('echo'),
      '-H',
      'X-Shown: yes',
      `${shell.TG}/api/echo`,
    );
    expect(through.status).toBe(200);
    expect(through.body).toMatch(/^Headers\(.*X-Shown: yes.*\)\n?$/);
  });
});

describe('Tyke, row by row, with an upstream that records', () => {
  let upstream: RecordingUpstream;
  let here: Stage;
  let shell: Shell;
  beforeAll(async () => {
    upstream = await RecordingUpstream.start();
    here = await stage(onUpstream(upstream.port));
    shell = here.shell;
  });
  afterAll(async () => {
    await here[Symbol.asyncDispose]();
    await upstream.stop();
  });

  row(12, 'without a cookie nothing reaches the upstream', async () => {
    const before = upstream.connections.length;
    expect((await curl(`${shell.TG}/api/echo`)).status).toBe(403);
    expect(upstream.connections).toHaveLength(before);
  });

  row(13, 'with a cookie query, method and body pass intact', async () => {
    await shell.login('jar');
    const target = '/api//echo?a=%2f&b=c%20d&&e';
    const args = ['-X', 'PUT', '--data-binary', 'x=1&y=\x02é', '-b', shell.jar('jar')];
    expect((await curl(...args, `${shell.TG}${target}`)).status).toBe(200);
    const received = upstream.requests.at(-1);
    expect(received?.method).toBe('PUT');
    const path = (await exceptionOf('T13')) ?? '/api/echo';
    expect(received?.target).toBe(`${path}?a=%2f&b=c%20d&&e`);
    expect(received?.body.toString('utf8')).toBe('x=1&y=\x02é');
  });

  row(30, 'a large body with a bad cookie is 403, and nobody reads it', async () => {
    const before = upstream.connections.length;
    const body = 'x'.repeat(100_000);
    for (const more of [[], ['-H', 'Expect:'], ['-H', 'Transfer-Encoding: chunked']]) {
      const args = ['-b', 'tyke_auth=bad', ...more, '-d', body];
      expect((await curl(...args, `${shell.TG}/api/echo`)).status).toBe(403);
    }
    expect(upstream.connections).toHaveLength(before);
    const args = ['-b', 'tyke_auth=bad', '-d', body];
    expect((await curl(...args, `${shell.TA}/validate`)).status).toBe(403);
  });
});

describe('Tyke, row by row, with other settings', () => {
  row(7, 'name and path of the cookie are configured', async () => {
    await using here = await stage((yaml) => {
      yaml.cookie = { ...yaml.cookie, name: 'x', path: '/api' };
    });
    const answer = await here.shell.login('jar');
    expect(setCookie(answer)).toEqual([expect.stringMatching(/^x=[^;]+;.*Path=\/api(;|$)/)]);
    const cookie = /^x=[^;]+/.exec(setCookie(answer)[0] ?? '')?.[0] ?? '';
    expect((await curl('-b', cookie, `${here.shell.TG}/api/echo`)).status).toBe(200);
  });

  row(11, 'a token of another secret is refused', async () => {
    const keyed = (secret: string) => (yaml: GatewayYaml) => {
      yaml.tokens = { keys: [{ id: 'k1', secret }] };
    };
    let cookie = '';
    {
      await using before = await stage(keyed('6rPWqXbYgGN0Pq5cJ2dE8mTzV1fKuL9s7HhQ'));
      await before.shell.login('jar');
      cookie = await before.shell.cookie('jar');
      expect((await curl('-b', cookie, `${before.shell.TG}/api/echo`)).status).toBe(200);
    }
    await using after = await stage(keyed('Zb3nC8xK5vQ1wR7yT2uI9oP4aS6dF0gHjLkM'));
    expect((await curl('-b', cookie, `${after.shell.TG}/api/echo`)).status).toBe(403);
  });

  row(17, 'the name of the identity field is configured', async () => {
    await using here = await stage((yaml) => {
      yaml.identity = { ...yaml.identity, field: 'X-Me' };
    });
    await here.shell.login('jar');
    const spoofed = ['-H', 'X-Me: root', '-H', 'X-UserInfo: root', '-H', 'X_Me: root'];
    const answer = await curl('-b', here.shell.jar('jar'), ...spoofed, `${here.shell.TG}/api/echo`);
    expect(answer.body).toContain('X-Me: user1:physician:group1,group2');
    expect(answer.body).not.toContain('root');
    expect(answer.body.toLowerCase()).not.toContain('x-userinfo');
  });

  row(
    20,
    'an answer renews a persistent cookie when it is due, and the old one stays good',
    async () => {
      await using here = await stage((yaml) => {
        yaml.cookie = { ...yaml.cookie, maxAge: '1h' };
        yaml.sessions = { ...yaml.sessions, idleTimeout: '1h', touchInterval: '300ms' };
      });
      const { shell } = here;
      await shell.login('jar');
      const old = await shell.cookie('jar');
      const soon = await curl('-b', old, `${shell.TG}/api/echo`);
      expect(setCookie(soon)).toEqual([]);
      let renewed = '';
      await waitFor('a renewed cookie', async () => {
        renewed = setCookie(await curl('-b', old, `${shell.TG}/api/echo`))[0] ?? '';
        return renewed !== '';
      });
      expect(renewed).toMatch(/^tyke_auth=[^;]+;(?=.*Max-Age=3600)(?=.*HttpOnly)/);
      const fresh = /^[^;]+/.exec(renewed)?.[0] ?? '';
      expect(fresh).not.toBe(old);
      for (const cookie of [old, fresh]) {
        expect((await curl('-b', cookie, `${shell.TG}/api/echo`)).status).toBe(200);
      }
      expect((await curl('-b', fresh, `${shell.TG}/auth/logout`)).status).toBe(200);
      expect((await curl('-b', old, `${shell.TG}/api/echo`)).status).toBe(403);
    },
  );

  describe('a session that idles', () => {
    let here: Stage;
    beforeAll(async () => {
      here = await stage((yaml) => {
        yaml.sessions = { ...yaml.sessions, idleTimeout: '3s' };
        delete yaml.sessions['touchInterval'];
        delete yaml.sessions['sweepInterval'];
      });
    });
    afterAll(async () => {
      await here[Symbol.asyncDispose]();
    });

    row(31, 'activity extends a session', async () => {
      await here.shell.login('jar');
      for (let round = 0; round < 4; round++) {
        await pause(1_800);
        const answer = await curl('-b', here.shell.jar('jar'), `${here.shell.TG}/api/echo`);
        expect(answer.status, `round ${String(round)}`).toBe(200);
      }
    });

    row(32, 'idling longer than the timeout ends it', async () => {
      await here.shell.login('idle');
      expect((await curl('-b', here.shell.jar('idle'), `${here.shell.TG}/api/echo`)).status).toBe(
        200,
      );
      await pause(3_600);
      const answer = await curl('-b', here.shell.jar('idle'), `${here.shell.TG}/api/echo`);
      expect(answer.status).toBe(403);
      expect(setCookie(answer)).toEqual([expect.stringMatching(removal)]);
    });

    row(33, 'expired sessions are removed without anybody asking', async () => {
      await here.shell.login('jar');
      await here.shell.login('jar');
      expect(await here.gateway.metric('portcullis_sessions')).toBeGreaterThanOrEqual(2);
      await waitFor(
        'all sessions to be removed',
        async () => (await here.gateway.metric('portcullis_sessions')) === 0,
        12_000,
      );
    });
  });

  row(44, 'a user of the configuration can log in', async () => {
    await using here = await stage((yaml) => {
      const [directory] = Object.values(yaml.directories ?? {});
      if (directory?.type === 'static')
        directory.users.push({ username: 'newcomer', password: 'word', role: 'patient' });
    });
    const answer = await here.shell.login('jar', 'newcomer', 'word');
    expect(answer.status).toBe(200);
    expect(answer.body).toBe('HELLO newcomer');
  });

  row(45, 'of several directories the first that accepts wins', async () => {
    await using here = await stage((yaml) => {
      const both = (role: string): UserYaml => ({ username: 'both', password: 'word', role });
      const only: UserYaml = { username: 'only', password: 'word', role: 'patient' };
      yaml.directories = {
        b: { type: 'static', insecurePlainText: true, users: [both('patient'), only] },
        a: { type: 'static', insecurePlainText: true, users: [both('physician')] },
      };
      yaml.login = { ...yaml.login, directories: ['a', 'b'] };
    });
    const { shell } = here;
    for (const [username, role] of [
      ['both', 'physician'],
      ['only', 'patient'],
    ]) {
      expect((await shell.login('jar', username, 'word')).status).toBe(200);
      const shown = await curl('-b', shell.jar('jar'), `${shell.TG}/auth/session`);
      expect(JSON.parse(shown.body)).toMatchObject({ username, role });
    }
  });

  row(47, 'an unknown directory or store fails the start', async () => {
    const changes: ((yaml: GatewayYaml) => void)[] = [
      (yaml) => {
        yaml.login = { ...yaml.login, directories: ['nosuch'] };
      },
      (yaml) => {
        yaml.sessions = { ...yaml.sessions, store: { type: 'ldap' } };
      },
    ];
    for (const change of changes) {
      const yaml = await shipped(change);
      await expect(Gateway.start(yaml)).rejects.toThrow(/does not start[^]*(nosuch|ldap)/);
    }
  });

  row(56, 'sessions in memory end with the process', async () => {
    const keyed = (yaml: GatewayYaml): void => {
      yaml.tokens = { keys: [{ id: 'k1', secret: '6rPWqXbYgGN0Pq5cJ2dE8mTzV1fKuL9s7HhQ' }] };
    };
    let cookie = '';
    {
      await using before = await stage(keyed);
      await before.shell.login('jar');
      cookie = await before.shell.cookie('jar');
    }
    await using after = await stage(keyed);
    expect((await curl('-b', cookie, `${after.shell.TG}/api/echo`)).status).toBe(403);
  });
});

describe('the walk through the rows', () => {
  it('leaves none of the required rows out', () => {
    expect(required.filter((number) => !tested.has(number))).toEqual([]);
  });

  it('is about the configuration that is shipped', async () => {
    const check = new Process(['check', '--config', 'config/tyke.yaml']);
    expect((await check.exit).code).toBe(0);
  });
});
