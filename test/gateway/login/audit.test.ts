import { mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planned } from '../../support/gateway-yaml.ts';
import { Gateway } from '../../support/gateway.ts';
import { logIn, tryLogin } from '../../support/login.ts';
import { ask } from '../../support/raw-client.ts';
import { request } from '../../support/request.ts';
import { waitFor } from '../../support/wait-for.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-audit-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function start(path: string, onFailure: 'continue' | 'stop'): Promise<Gateway> {
  const yaml = planned({ upstreamPorts: [9], sections: { audit: { path, onFailure } } });
  yaml.listeners['control'] = {
    routes: [
      { exactPath: '/escalate', endpoint: 'escalate' },
      { exactPath: '/logout_user', endpoint: 'logoutUser' },
    ],
  };
  return await Gateway.start(yaml);
}

const post = (port: number, path: string, cookie: string, body: object) => {
  const text = JSON.stringify(body);
  const lines = [
    `Cookie: ${cookie}`,
    `Content-Length: ${String(text.length)}`,
    'Connection: close',
  ];
  return ask(port, request('POST', path, lines, text));
};
const readiness = async (gateway: Gateway): Promise<[number, unknown]> => {
  const answer = await ask(gateway.admin, request('GET', '/readyz', ['Connection: close']));
  return [answer.status, JSON.parse(answer.text())];
};

describe('the audit log of a gateway', () => {
  it('tells who did what to whom from where, by the request ids of the access log, and no secret', async () => {
    const path = join(folder, 'audit.log');
    await using gateway = await start(path, 'continue');
    await tryLogin(gateway.edge, 'user1', 'hunter2');
    await tryLogin(gateway.edge, 'my password by mistake', 'hunter2');
    const user = await logIn(gateway.edge);
    const staff = await logIn(gateway.edge, 'admin', 'password');
    await post(gateway.control, '/escalate', staff.cookie, { username: 'user2' });
    await post(gateway.control, '/logout_user', staff.cookie, { username: 'user1' });
    await post(gateway.edge, '/auth/logout', staff.cookie, {});
    await gateway.process.stop();
    const text = await readFile(path, 'utf8');
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>); // what the gateway wrote
    const demo = (subject: string) => ({ directory: 'demo', subject });
    expect(lines).toMatchObject([
      { event: 'login.rejected', actor: null, target: demo('user1') },
      { event: 'login.rejected', actor: null, target: null, nameTag: expect.any(String) },
      { event: 'login.accepted', actor: demo('user1'), target: null },
      { event: 'login.accepted', actor: demo('admin'), target: null },
      { event: 'escalate.accepted', actor: demo('admin'), target: demo('user2') },
      { event: 'logout_user', actor: demo('admin'), target: demo('user1'), revoked: 1 },
      { event: 'logout', actor: demo('admin'), target: null },
    ]);
    const ids = new Set(gateway.accessLines().map((line) => line['requestId']));
    for (const line of lines) {
      expect(line['address']).toBe('127.0.0.1');
      expect(ids).toContain(line['requestId']);
    }
    for (const secret of ['hunter2', 'by mistake', 'pass1', user.token, staff.token]) {
      expect(text).not.toContain(secret);
    }
  });

  it('whose disk is full keeps nobody out where that is wanted, and is told of by /readyz and a figure', async () => {
    const path = join(folder, 'audit.log');
    await symlink('/dev/full', path);
    await using gateway = await start(path, 'continue');
    await logIn(gateway.edge);
    await waitFor('the failure to show', async () => {
      const [status, report] = await readiness(gateway);
      expect(status).toBe(200);
      return JSON.stringify(report).includes('"audit":"failed"');
    });
    await logIn(gateway.edge);
    expect(await gateway.metric('portcullis_log_lines_lost_total', 'log="audit"')).toBe(2);
  });

  it('whose disk is full keeps everybody out where it has to be written, until there is room', async () => {
    const path = join(folder, 'audit.log');
    const room = join(folder, 'room.log');
    await symlink(room, path);
    await using gateway = await start(path, 'stop');
    const user = await logIn(gateway.edge);
    const staff = await logIn(gateway.edge, 'admin', 'password');
    await symlink('/dev/full', `${path}.full`);
    await rename(`${path}.full`, path);
    // The file that was open goes on to be written; it is opened again after a restart or a failure.
    await gateway.stop();
    await using again = await start(path, 'stop');
    const refused = await tryLogin(again.edge, 'user1', 'pass1');
    expect([refused.status, refused.value('retry-after')]).toEqual([503, '1']);
    expect(refused.values('set-cookie')).toEqual([]);
    expect(await readiness(again)).toEqual([
      503,
      { isReady: false, checks: { phase: 'ready', audit: 'failed' } },
    ]);
    await symlink(room, `${path}.room`);
    await rename(`${path}.room`, path);
    await waitFor('the room', async () => (await readiness(again))[0] === 200, 10_000);
    await logIn(again.edge);
    const text = await readFile(room, 'utf8');
    expect(text).toContain('"event":"audit.lines_lost","lost":');
    expect([user.token, staff.token].some((token) => text.includes(token))).toBe(false);
  });
});
