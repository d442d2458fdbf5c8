import { DatabaseSync } from 'node:sqlite';
import { statSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { BusyPeople, logOut, statusOf } from '../support/busy-people.ts';
import { Gateway, Process } from '../support/gateway.ts';
import { planned, type GatewayYaml } from '../support/gateway-yaml.ts';
import { logIn, tryLogin } from '../support/login.ts';
import { RecordingUpstream } from '../support/recording-upstream.ts';
import { SessionFolder } from '../support/session-file.ts';
import { waitFor } from '../support/wait-for.ts';

const keys = [{ id: 'k1', secret: 'a-secret-of-these-tests-0123456789abcdef' }];

function yamlOf(path: string, upstreamPort: number): GatewayYaml {
  const sessions = { store: { type: 'sqlite', path }, sessionsPerUserMax: 100_000 };
  return planned({ upstreamPorts: [upstreamPort], sections: { sessions, tokens: { keys } } });
}

describe('sessions in a file', () => {
  test('outlive a restart, and so does what was ended', async () => {
    await using upstream = await RecordingUpstream.start({});
    await using folder = await SessionFolder.make();
    const yaml = yamlOf(folder.file, upstream.port);
    const cookies: string[] = [];
    {
      await using gateway = await Gateway.start(yaml);
      for (let n = 0; n < 3; n += 1) cookies.push((await logIn(gateway.edge)).cookie);
      expect(await logOut(gateway.edge, cookies[0] ?? '')).toBe(200);
    }
    await using gateway = await Gateway.start(yaml);
    const statuses = await Promise.all(cookies.map((one) => statusOf(gateway.edge, one)));
    expect(statuses).toEqual([401, 200, 200]);
    expect(await gateway.metric('portcullis_sessions')).toBe(2);
  });

  test('outlive kill -9 at any moment: no acknowledged login is lost, no acknowledged logout undone', async () => {
    await using upstream = await RecordingUpstream.start({});
    await using folder = await SessionFolder.make();
    const yaml = yamlOf(folder.file, upstream.port);
    const live = new Set<string>();
    const ended = new Set<string>();
    // At other moments of the writer's work each time.
    for (const acknowledged of [20, 51, 83]) {
      await using gateway = await Gateway.start(yaml);
      await using busy = new BusyPeople(gateway.edge, 8);
      await waitFor('logins and logouts', () => busy.acknowledged >= acknowledged, 20_000);
      gateway.process.signal('SIGKILL');
      await gateway.process.exit;
      await busy.stop();
      for (const cookie of busy.live) live.add(cookie);
      for (const cookie of busy.ended) ended.add(cookie);
    }
    await using gateway = await Gateway.start(yaml);
    for (const cookie of live) expect(await statusOf(gateway.edge, cookie)).toBe(200);
    for (const cookie of ended) expect(await statusOf(gateway.edge, cookie)).toBe(401);
    expect([live.size > 20, ended.size > 20]).toEqual([true, true]);
    expect(statSync(folder.file).mode & 0o777).toBe(0o600);
  });

  test('that cannot be written are an outage and no logout: cookies stay, and it heals', async () => {
    await using upstream = await RecordingUpstream.start({});
    await using folder = await SessionFolder.make();
    await using gateway = await Gateway.start(yamlOf(folder.file, upstream.port));
    const { cookie } = await logIn(gateway.edge);
    const other = new DatabaseSync(folder.file);
    other.exec('BEGIN IMMEDIATE');
    const login = await tryLogin(gateway.edge, 'user1', 'pass1');
    expect([login.status, login.value('set-cookie')]).toEqual([503, undefined]);
    expect(await statusOf(gateway.edge, cookie)).toBe(200);
    // Not acknowledged, and yet over: the store is told again until it knows.
    expect(await logOut(gateway.edge, cookie)).toBe(503);
    expect(await statusOf(gateway.edge, cookie)).toBe(401);
    other.exec('ROLLBACK');
    other.close();
    expect((await tryLogin(gateway.edge, 'user1', 'pass1')).status).toBe(200);
    await waitFor('the logout to reach the file', async () => {
      const file = new DatabaseSync(folder.file, { readOnly: true });
      const row = file.prepare('SELECT count(*) AS n FROM tombstones').get();
      file.close();
      return row?.['n'] === 1;
    });
    expect(gateway.process.stderr).toContain('is locked by another process');
  });

  test('keep a second gateway from starting on the same file, and say so', async () => {
    await using upstream = await RecordingUpstream.start({});
    await using folder = await SessionFolder.make();
    const yaml = yamlOf(folder.file, upstream.port);
    await using first = await Gateway.start(yaml);
    const second = new Process(['start', '--config', first.configPath]);
    expect(await second.exit).toEqual({ code: 1, signal: null });
    expect(second.stderr).toContain('is in use by another gateway');
    expect((await logIn(first.edge)).response.status).toBe(200);
  });

  test('in a file that is none stop the start with a sentence', async () => {
    await using folder = await SessionFolder.make();
    writeFileSync(folder.file, 'not a database, whatever its name says. '.repeat(50));
    const starting = Gateway.start(yamlOf(folder.file, 9));
    await expect(starting).rejects.toThrow(/sessions\.db is no SQLite file/);
  });
});
