import { describe, expect, it } from 'vitest';
import { demoUsers, planned, type GatewayYaml } from '../support/gateway-yaml.ts';
import { Gateway } from '../support/gateway.ts';
import { logIn } from '../support/login.ts';
import { ask, type RawResponse } from '../support/raw-client.ts';
import { request } from '../support/request.ts';
import { bothAnswers } from '../support/scene.ts';

function yamlFor(answers: 'modern' | 'tyke'): GatewayYaml {
  const yaml = planned({ answers, upstreamPorts: [9] });
  yaml.listeners['control'] = {
    routes: [
      { exactPath: '/escalate', endpoint: 'escalate' },
      { exactPath: '/return', endpoint: 'return' },
      { exactPath: '/logout', endpoint: 'logout' },
      { exactPath: '/logout_user', endpoint: 'logoutUser' },
      { exactPath: '/session', endpoint: 'session' },
      { exactPath: '/sessions', endpoint: 'sessions' },
    ],
  };
  yaml.directories = {
    demo: {
      type: 'static',
      insecurePlainText: true,
      users: [...demoUsers, { username: 'staff2', password: 'password2', role: 'staffuser' }],
    },
  };
  return yaml;
}

/** The calls that staff make, as a program makes them. */
class Desk {
  readonly #gateway: Gateway;

  constructor(gateway: Gateway) {
    this.#gateway = gateway;
  }

  async logIn(username: string, password: string): Promise<string> {
    return (await logIn(this.#gateway.edge, username, password)).cookie;
  }

  async post(path: string, cookies: string, body: unknown): Promise<RawResponse> {
    const text = JSON.stringify(body);
    const lines = [
      `Cookie: ${cookies}`,
      `Content-Length: ${String(text.length)}`,
      'Connection: close',
    ];
    return ask(this.#gateway.control, request('POST', path, lines, text));
  }

  async escalate(cookies: string, username: string): Promise<RawResponse> {
    return this.post('/escalate', cookies, { username });
  }

  async statusOf(cookie: string): Promise<number> {
    return (await this.session(cookie)).status;
  }

  async session(cookie: string): Promise<RawResponse> {
    const lines = [`Cookie: ${cookie}`, 'Connection: close'];
    return ask(this.#gateway.control, request('GET', '/session', lines));
  }
}

/** The cookies that an answer sets, by name. */
function cookiesOf(answer: RawResponse): Map<string, string> {
  const pairs = answer.values('set-cookie').map((line) => line.split(';', 1)[0] ?? '');
  return new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair]));
}

describe.each(bothAnswers)('P54: acting for a user cannot be misused, under %s', (answers) => {
  const gone = answers === 'modern' ? 401 : 403;

  it('only staff may, never for staff or nobody, and not from within: 403', async () => {
    await using gateway = await Gateway.start(yamlFor(answers));
    const desk = new Desk(gateway);
    const [admin, member] = [
      await desk.logIn('admin', 'password'),
      await desk.logIn('user2', 'pass2'),
    ];
    for (const [caller, target] of [
      [member, 'user1'],
      [admin, 'staff2'],
      [admin, 'admin'],
      [admin, 'nobody'],
    ] as const) {
      const answer = await desk.escalate(caller, target);
      expect([answer.status, answer.values('set-cookie')], target).toEqual([403, []]);
    }
    const acting = cookiesOf(await desk.escalate(admin, 'user1')).get('portcullis') ?? '';
    for (const [path, body] of [
      ['/escalate', { username: 'user2' }],
      ['/logout_user', { username: 'user2' }],
      ['/sessions', { end: 'others' }],
    ] as const) {
      expect((await desk.post(path, acting, body)).status, path).toBe(403);
    }
    // The cookie beside it lends no powers either.
    const both = `${acting}; ${admin.replace('portcullis=', 'portcullis-actor=')}`;
    expect((await desk.escalate(both, 'user2')).status).toBe(403);
  });

  it('it ends with the session of the staff, by logout and by logout_user of the target', async () => {
    await using gateway = await Gateway.start(yamlFor(answers));
    const desk = new Desk(gateway);
    const first = await desk.logIn('admin', 'password');
    const acting = cookiesOf(await desk.escalate(first, 'user1')).get('portcullis') ?? '';
    expect(await desk.statusOf(acting)).toBe(200);
    await desk.post('/logout', first, {});
    expect(await desk.statusOf(acting)).toBe(gone);

    const second = await desk.logIn('admin', 'password');
    const again = cookiesOf(await desk.escalate(second, 'user1')).get('portcullis') ?? '';
    const other = await desk.logIn('staff2', 'password2');
    expect((await desk.post('/logout_user', other, { username: 'user1' })).status).toBe(200);
    expect(await desk.statusOf(again)).toBe(gone);
    expect(await desk.statusOf(second)).toBe(200);
  });

  it('the return ends it and gives oneself back, to whoever holds both cookies alone', async () => {
    await using gateway = await Gateway.start(yamlFor(answers));
    const desk = new Desk(gateway);
    const admin = await desk.logIn('admin', 'password');
    const escalated = cookiesOf(await desk.escalate(admin, 'user1'));
    const acting = escalated.get('portcullis') ?? '';
    const returned = await desk.post('/return', [...escalated.values()].join('; '), {});
    expect(returned.status).toBe(200);
    const own = cookiesOf(returned).get('portcullis') ?? '';
    expect(JSON.parse((await desk.session(own)).text())).toMatchObject({ username: 'admin' });
    expect(cookiesOf(returned).get('portcullis-actor')).toBe('portcullis-actor=');
    expect(await desk.statusOf(acting)).toBe(gone);

    // Only the token of the impersonation: it ends, and nobody becomes staff.
    const alone = cookiesOf(await desk.escalate(admin, 'user1')).get('portcullis') ?? '';
    const ended = await desk.post('/return', alone, {});
    expect([ended.status, cookiesOf(ended).get('portcullis')]).toEqual([200, 'portcullis=']);
    expect(await desk.statusOf(alone)).toBe(gone);

    // The cookie of another session: neither.
    const third = cookiesOf(await desk.escalate(admin, 'user1')).get('portcullis') ?? '';
    const stranger = (await desk.logIn('staff2', 'password2')).replace('=', '-actor=');
    const mixed = await desk.post('/return', `${third}; ${stranger}`, {});
    expect([mixed.status, cookiesOf(mixed).get('portcullis')]).toEqual([200, 'portcullis=']);
  });

  it('who is nobody but oneself cannot return', async () => {
    await using gateway = await Gateway.start(yamlFor(answers));
    const desk = new Desk(gateway);
    expect((await desk.post('/return', await desk.logIn('admin', 'password'), {})).status).toBe(
      403,
    );
  });

  it('both are named in the log, neither by a secret', async () => {
    await using gateway = await Gateway.start(yamlFor(answers));
    const desk = new Desk(gateway);
    const admin = await desk.logIn('admin', 'password');
    const escalated = cookiesOf(await desk.escalate(admin, 'user1'));
    await desk.post('/return', [...escalated.values()].join('; '), {});
    await gateway.stop();
    const said = gateway.process.stdout + gateway.process.stderr;
    expect(said).toMatch(/escalate\.accepted.*"actor":"admin".*"subject":"user1"/);
    expect(said).toMatch(/"return".*"actor":"admin".*"subject":"user1"/);
    for (const pair of [admin, ...escalated.values()]) {
      expect(said).not.toContain(pair.slice(pair.indexOf('=') + 1));
    }
  });
});

describe('P54: what is told, and for how long', () => {
  it('names the actor to the application and to the user, and ends after half an hour', async () => {
    const yaml = yamlFor('modern');
    yaml.listeners['edge']?.routes.push({ exactPath: '/who', upstream: 'app' });
    yaml.listeners['control']?.routes.push({ exactPath: '/who', auth: 'none', endpoint: 'echo' });
    yaml.upstreams = { app: { servers: ['127.0.0.1:{port:control}'] } };
    await using gateway = await Gateway.start(yaml);
    const desk = new Desk(gateway);
    const victim = await desk.logIn('user1', 'pass1');
    const admin = await desk.logIn('admin', 'password');
    const acting = cookiesOf(await desk.escalate(admin, 'user1')).get('portcullis') ?? '';
    const lines = [`Cookie: ${acting}`, 'Connection: close'];
    const shown = await ask(gateway.edge, request('GET', '/who', lines));
    expect(shown.text()).toContain('"act":{"username":"admin"}');

    const list = await ask(
      gateway.control,
      request('GET', '/sessions', [`Cookie: ${victim}`, 'Connection: close']),
    );
    const { sessions } = JSON.parse(list.text()) as { sessions: Record<string, string>[] }; // our own JSON
    const impersonation = sessions.find((session) => session['actor'] === 'admin');
    const [began, ends] = [impersonation?.['timestamp'], impersonation?.['expires']].map((time) =>
      Date.parse(time ?? ''),
    );
    expect((ends ?? 0) - (began ?? 0)).toBe(30 * 60_000);
    // The user may throw them out.
    const ended = await desk.post('/sessions', victim, { end: impersonation?.['session'] });
    expect([ended.status, ended.text()]).toEqual([200, '{"ended":1}']);
    expect(await desk.statusOf(acting)).toBe(401);
    expect(await desk.statusOf(victim)).toBe(200);
  });

  it('where it is wanted, only with the own password again: 401 without the right one', async () => {
    const yaml = { ...yamlFor('modern'), staff: { passwordReentry: true } };
    await using gateway = await Gateway.start({
      ...yaml,
      sessions: { impersonationTimeout: '10m' },
    });
    const desk = new Desk(gateway);
    const admin = await desk.logIn('admin', 'password');
    const statusOf = async (body: object): Promise<[number, string[]]> => {
      const answer = await desk.post('/escalate', admin, { username: 'user1', ...body });
      return [answer.status, answer.values('set-cookie')];
    };
    expect(await statusOf({})).toEqual([422, []]);
    // Neither another one's, nor the target's.
    for (const password of ['wrong', 'password2', 'pass1']) {
      expect(await statusOf({ password })).toEqual([401, []]);
    }
    expect(await desk.statusOf(admin)).toBe(200);
    const escalated = await desk.post('/escalate', admin, {
      ...{ username: 'user1', password: 'password' },
    });
    const acting = cookiesOf(escalated).get('portcullis') ?? '';
    const victim = await desk.logIn('user1', 'pass1');
    const lines = [`Cookie: ${victim}`, 'Connection: close'];
    const list = await ask(gateway.control, request('GET', '/sessions', lines));
    const { sessions } = JSON.parse(list.text()) as { sessions: Record<string, string>[] }; // our own JSON
    const own = sessions.find((session) => session['actor'] === 'admin');
    const [began, ends] = [own?.['timestamp'], own?.['expires']].map((time) =>
      Date.parse(time ?? ''),
    );
    expect((ends ?? 0) - (began ?? 0)).toBe(10 * 60_000);
    expect(await desk.statusOf(acting)).toBe(200);
  });
});
