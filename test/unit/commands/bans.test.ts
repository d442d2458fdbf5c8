import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ControlServer } from '../../../src/admin/control-server.ts';
import { readControlOrder } from '../../../src/admin/control-order.ts';
import { BanDeeds } from '../../../src/assembly/ban-deeds.ts';
import { CountShelf, loginTable, type CountQuestion } from '../../../src/assembly/count-shelf.ts';
import { PrimaryBuckets, PrimaryPlaces } from '../../../src/assembly/primary-buckets.ts';
import { bans } from '../../../src/commands/bans.ts';
import { silentAuditLog, type AuditRecord } from '../../../src/observability/audit-log.ts';
import { silentLog } from '../../../src/observability/log.ts';
import { LoginThrottle } from '../../../src/users/login-throttle.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const rate = { failures: 1, regainMs: 3_600_000 };
const config = {
  ...{ isEnabled: true, account: rate, address: { ...rate, failures: 2 } },
  ...{ overall: { failures: 99, regainMs: 1 }, exemptAddresses: [], entriesMax: 100 },
};

/** A gateway's control socket, with two accounts and one address that have to wait. */
async function set() {
  const throttle = new LoginThrottle({ config, ...new CountShelf(100) });
  for (const name of ['anna', 'berta']) await throttle.begin(name, '192.0.2.1');
  const audited: AuditRecord[] = [];
  const audit = { ...silentAuditLog, note: (record: AuditRecord) => void audited.push(record) };
  const deeds = new BanDeeds({ throttle, audit, log: silentLog });
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-bans-'));
  const path = join(folder, 'control');
  const server = new ControlServer({
    path,
    perform: async (order) =>
      order.deed === 'bans' || order.deed === 'clearBans'
        ? await deeds.perform(order)
        : { kind: 'refused', sentence: 'not here' },
    onFault: (error) => {
      throw error;
    },
  });
  await server.start();
  ends.push(
    () => server.stop(),
    () => rm(folder, { recursive: true, force: true }),
  );
  const run = async (...args: string[]): Promise<[number, string, string]> => {
    let [out, err] = ['', ''];
    const code = await bans.run([...args, '--socket', path], {
      out: (text) => void (out += text),
      err: (text) => void (err += text),
    });
    return [code, out, err];
  };
  return { audited, run, server };
}

describe('portcullis bans', () => {
  it('lists who has to wait, and lets them try again', async () => {
    const { audited, run } = await set();
    const [code, listed] = await run('list');
    expect([code, listed.replace(/\d+s/g, 's')]).toEqual([
      0,
      'account anna s\naddress 192.0.2.1 s\naccount berta s\n',
    ]);
    expect(await run('clear', '--account', 'ANNA')).toEqual([0, 'cleared 1\n', '']);
    expect(await run('clear', '--address', '192.0.2.1')).toEqual([0, 'cleared 1\n', '']);
    expect((await run('list'))[1]).toMatch(/^account berta \d+s\n$/);
    expect((await run('clear', '--everybody', 'yes'))[0]).toBe(0);
    expect((await run('list'))[1]).toBe('');
    expect(audited.map(({ event, reason }) => [event, reason])).toEqual([
      ['bans.cleared', 'account'],
      ['bans.cleared', 'address'],
      ['bans.cleared', 'all'],
    ]);
  });

  it('says what it needs, and where no gateway was reached', async () => {
    const { run, server } = await set();
    for (const args of [[], ['lift'], ['clear'], ['clear', '--everybody', 'no']]) {
      const [code, out, err] = await run(...args);
      expect([code, out]).toEqual([2, '']);
      expect(err).toMatch(/^portcullis bans: /);
    }
    expect((await run('clear', '--account', 'a', '--address', '::1'))[0]).toBe(2);
    await server.stop();
    const [code, , err] = await run('list');
    expect([code, err]).toEqual([1, expect.stringContaining('no gateway runs')]);
  });

  it.each([
    {},
    { deed: 'clearBans' },
    { deed: 'clearBans', whom: null },
    { deed: 'clearBans', whom: 'everybody' },
    { deed: 'clearBans', whom: { account: 1 } },
    { deed: 'clearBans', whom: {} },
  ])('is served only what makes sense: %j', (value) => {
    expect(readControlOrder(value)).toBeUndefined();
  });
});

describe('workers of one primary', () => {
  it('count attempts together, and know the same places', async () => {
    const shelf = new CountShelf(100);
    const seat = {
      ask: async (_topic: string, body: unknown) =>
        shelf.answer(structuredClone(body) as CountQuestion), // as over the pipe
    };
    const [one, other] = [1, 2].map(() => {
      const buckets = new PrimaryBuckets(seat, loginTable(100));
      return new LoginThrottle({ config, buckets, places: new PrimaryPlaces(seat) });
    });
    const first = await one?.begin('anna', '192.0.2.1');
    if (first?.kind === 'admitted') await first.attempt.accepted('anna');
    expect((await other?.begin('berta', '192.0.2.9'))?.kind).toBe('admitted');
    expect(await one?.begin('berta', '192.0.2.8')).toMatchObject({ kind: 'throttled' });
    await one?.begin('anna', '192.0.2.7');
    expect((await other?.begin('anna', '192.0.2.7'))?.kind).toBe('throttled');
    expect((await other?.begin('anna', '192.0.2.1'))?.kind).toBe('admitted');
    expect((await one?.bans())?.map(({ name }) => name)).toEqual(['berta', 'anna', 'anna']);
    expect(await other?.clear({ account: 'anna' })).toBe(2);
  });

  it('let nobody try while the primary does not answer', async () => {
    const seat = { ask: async () => null };
    const buckets = new PrimaryBuckets(seat, loginTable(100));
    const throttle = new LoginThrottle({ config, buckets, places: new PrimaryPlaces(seat) });
    expect(await throttle.begin('anna', '192.0.2.1')).toEqual({ kind: 'unavailable' });
    expect(await throttle.bans()).toEqual([]);
  });
});
