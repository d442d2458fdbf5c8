import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { AdminServer } from '../../../src/admin/admin-server.ts';
import { Readiness } from '../../../src/admin/readiness.ts';
import { bansDeeds } from '../../../src/assembly/bans-deeds.ts';
import { bans } from '../../../src/commands/bans.ts';
import { LocalBuckets } from '../../../src/lib/local-buckets.ts';
import { silentAuditLog, type AuditRecord } from '../../../src/observability/audit-log.ts';
import { silentLog } from '../../../src/observability/log.ts';
import { KnownPlaces } from '../../../src/users/known-places.ts';
import { LoginThrottle } from '../../../src/users/login-throttle.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A gateway's operators' port with one account and one address that have to wait. */
async function set() {
  const rate = { failures: 1, regainMs: 60_000 };
  const throttle = new LoginThrottle({
    config: {
      ...{ isEnabled: true, account: rate, address: { ...rate, failures: 2 }, overall: rate },
      ...{ overall: { failures: 99, regainMs: 1 }, exemptAddresses: [], entriesMax: 100 },
    },
    buckets: new LocalBuckets(new ManualClock(), 100),
    places: new KnownPlaces(10),
  });
  for (const name of ['anna', 'berta']) await throttle.begin(name, '192.0.2.1');
  const audited: AuditRecord[] = [];
  const audit = { ...silentAuditLog, note: (record: AuditRecord) => void audited.push(record) };
  const server = new AdminServer({
    config: { host: '127.0.0.1', port: 0 },
    readiness: new Readiness({ phase: 'ready' }),
    metrics: { contentType: 'text/plain', text: async () => '' },
    deeds: bansDeeds({ throttle, audit, log: silentLog }),
  });
  await server.start();
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-bans-'));
  ends.push(
    () => server.stop(),
    () => rm(folder, { recursive: true, force: true }),
  );
  const path = join(folder, 'p.yaml');
  const admin = `127.0.0.1:${String(server.port)}`;
  await writeFile(
    path,
    `admin: {address: "${admin}"}\nlisteners: {edge: {address: "127.0.0.1:0", routes: [{path: /, auth: none, respond: {status: 204}}]}}\n`,
  );
  const run = async (...args: string[]): Promise<[number, string, string]> => {
    let [out, err] = ['', ''];
    const code = await bans.run([...args, '--config', path], {
      out: (text) => void (out += text),
      err: (text) => void (err += text),
    });
    return [code, out, err];
  };
  return { audited, folder, origin: `http://${admin}`, run, server };
}

describe('portcullis bans', () => {
  it('lists who has to wait, and lets them try again', async () => {
    const { audited, run } = await set();
    const listed = 'account anna 60s\naddress 192.0.2.1 60s\naccount berta 60s\n';
    expect(await run('list')).toEqual([0, listed, '']);
    expect(await run('clear', '--account', 'ANNA')).toEqual([0, 'cleared 1\n', '']);
    expect(await run('clear', '--address', '192.0.2.1')).toEqual([0, 'cleared 1\n', '']);
    expect((await run('list'))[1]).toBe('account berta 60s\n');
    expect((await run('clear', '--everybody', 'yes'))[0]).toBe(0);
    expect((await run('list'))[1]).toBe('');
    expect(audited.map(({ event, reason }) => [event, reason])).toEqual([
      ['bans.cleared', 'account'],
      ['bans.cleared', 'address'],
      ['bans.cleared', 'all'],
    ]);
  });

  it('says what it needs', async () => {
    const { run } = await set();
    for (const args of [[], ['lift'], ['clear'], ['clear', '--everybody', 'no']]) {
      const [code, out, err] = await run(...args);
      expect([code, out]).toEqual([2, '']);
      expect(err).toMatch(/^portcullis bans: /);
    }
    expect((await run('clear', '--account', 'a', '--address', '::1'))[0]).toBe(2);
  });

  it('says so where no gateway runs, or none can be asked', async () => {
    const { folder, run, server } = await set();
    await server.stop();
    const [code, , err] = await run('list');
    expect(code).toBe(1);
    expect(err).toContain('no gateway answers at http://127.0.0.1:');
    const path = join(folder, 'p.yaml');
    await writeFile(
      path,
      'listeners: {edge: {address: "127.0.0.1:0", routes: [{path: /, auth: none, respond: {status: 204}}]}}\n',
    );
    expect(await run('list')).toEqual([1, '', expect.stringContaining('has no admin section')]);
    await rm(path);
    expect((await run('list'))[0]).toBe(1);
  });

  it('is served to programs alone, and only what makes sense', async () => {
    const { origin } = await set();
    const post = (body: string, headers: Record<string, string> = {}) =>
      fetch(`${origin}/bans/clear`, { method: 'POST', body, headers });
    expect((await post('{"all":true}', { Origin: 'http://evil.example' })).status).toBe(403);
    expect((await post('{"all":true}', { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
    for (const body of [
      '',
      '{',
      '[]',
      '{"all":1}',
      '{"account":1}',
      '{"all":true,"account":"a"}',
    ]) {
      expect((await post(body)).status, body).toBe(400);
    }
    expect((await post(`{"account":"${'x'.repeat(5_000)}"}`)).status).toBe(400);
    // A name that a page made stand for this address.
    for (const [host, status] of [
      ['evil.example', 403],
      ['localhost', 200],
      ['[::1]:1', 200],
    ] as const) {
      const answered = Promise.withResolvers<number | undefined>();
      get(`${origin}/bans`, { headers: { host } }, (response) => {
        response.resume();
        answered.resolve(response.statusCode);
      }).on('error', answered.reject);
      expect(await answered.promise, host).toBe(status);
    }
    expect((await fetch(`${origin}/bans`, { method: 'POST', body: '{}' })).status).toBe(405);
    expect((await fetch(`${origin}/bans/clear`)).status).toBe(405);
    expect(await (await fetch(`${origin}/bans`)).json()).toMatchObject({ bans: [{}, {}, {}] });
  });
});
