import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisRevocationLog } from '../../../src/coherence/redis-revocation-log.ts';
import type { BucketTable } from '../../../src/lib/bucket-store.ts';
import { Secret } from '../../../src/lib/secret.ts';
import { RedisBuckets } from '../../../src/session/redis-buckets.ts';
import { redisConnect } from '../../../src/session/redis-connect.ts';
import { RedisPlaces } from '../../../src/session/redis-places.ts';
import { RedisStore } from '../../../src/session/redis-store.ts';
import { MessageSeal } from '../../../src/tokens/message-seal.ts';
import { NameHash } from '../../../src/tokens/name-hash.ts';
import { ValueSeal } from '../../../src/tokens/value-seal.ts';
import { testBucketStore } from '../../contract/bucket-store.ts';
import { testPlaceStore } from '../../contract/place-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { waitFor } from '../../support/wait-for.ts';

const tokens = { keys: [{ id: 'k1', secret: new Secret('a secret of thirty-two characters') }] };
const names = new NameHash(tokens);
/** The server's clock is a key, so that it stands still between two steps. */
const time = `tonumber(redis.call('GET', '{clock}:now'))`;
const clock = new ManualClock(Date.UTC(2031, 0, 1));

let server: RedisServer;
let redis: RedisStore;
let made = 0;

beforeAll(async () => {
  server = await RedisServer.start();
  redis = new RedisStore({
    connect: redisConnect(
      {
        ...{ type: 'redis', mode: 'standalone', primaryName: '', database: 0, tls: null },
        servers: [{ host: '127.0.0.1', port: server.port }],
        login: { username: null, password: null, passwordFile: null },
        sentinelLogin: { username: null, password: null, passwordFile: null },
        ...{ keyPrefix: 't', waitReplicas: 0 },
      },
      '{t}:head',
    ),
    prefix: 't',
    values: new ValueSeal(tokens),
    messages: new MessageSeal(tokens),
    clock,
    worker: randomBytes(8).toString('hex'),
    boundMs: 5_000,
    time,
  });
  await fastForward(0);
  redis.start();
  const log = new RedisRevocationLog(redis);
  await waitFor('the connections', () => log.isConnected && redis.requests.runId !== null);
  await log.poll({ worker: redis.parts.worker, sequence: 1, boundMs: 5_000, position: null });
});

afterAll(async () => {
  redis.stop();
  await server[Symbol.asyncDispose]();
});

async function fastForward(ms: number): Promise<void> {
  clock.advance(ms);
  await server.command('SET', '{clock}:now', clock.now());
}

function tableOf(table: Omit<BucketTable, 'name'>): RedisBuckets {
  made += 1;
  const named = { ...table, name: `table${String(made)}` };
  return new RedisBuckets({ store: redis, names, table: named, isListed: true });
}

testBucketStore(
  'buckets in Redis',
  (table) => Promise.resolve({ store: tableOf(table), fastForward }),
  10,
);

const rule = { capacity: 2, refillMs: 60_000 };

describe('buckets in Redis', () => {
  it('are those of all who have the same keys, under names that say nothing', async () => {
    const table = { name: 'both', entriesMax: 100, whenFull: 'share' } as const;
    const [one, other] = [1, 2].map(
      () => new RedisBuckets({ store: redis, names, table, isListed: true }),
    );
    const share = { key: 'account\nanna.smith', rule };
    await one?.take([share]);
    await other?.take([share]);
    expect((await one?.take([share]))?.kind).toBe('empty');
    expect(await other?.listEmpty(10)).toEqual([{ key: share.key, waitMs: 60_000 }]);
    const found: string[] = [];
    for (const key of (await server.command('KEYS', '*both*')) as string[]) {
      const isSet = (await server.command('TYPE', key)) === 'zset';
      const value = isSet ? server.command('ZRANGE', key, 0, -1) : server.command('GET', key);
      found.push(key, String(await value));
      expect(Number(await server.command('PTTL', key)), key).toBeGreaterThan(0);
    }
    expect(found.length).toBeGreaterThan(4);
    expect(found.join(' ')).not.toMatch(/anna|smith|account/);
    await fastForward(200_000);
    await one?.take([{ ...share, key: 'account\nberta' }]);
    expect(await server.command('ZCARD', '{t}:count:both')).toBe(1);
  });

  it('keep nobody out when the clock of the server goes back', async () => {
    const store = tableOf({ entriesMax: 100, whenFull: 'share' });
    const share = { key: 'a', rule };
    await fastForward(3_600_000);
    for (let count = 0; count < 2; count += 1) await store.take([share]);
    await fastForward(-3_600_000);
    expect(await store.take([share])).toEqual({ kind: 'empty', key: 'a', waitMs: 60_000 });
    await store.charge(share, 1);
    await fastForward(60_000);
    expect((await store.take([share])).kind).toBe('taken');
  });

  it('give everybody his part of what is left ahead, and let each owe a filling', async () => {
    const store = tableOf({ entriesMax: 100, whenFull: 'forget' });
    const others = Array.from({ length: 19 }, (_, index) => `other ${String(index)}`);
    for (const other of others) await server.command('HSET', '{t}:members', other, '1:1');
    const lease = async (owed: number, wanted: number): Promise<unknown> =>
      await store.lease([{ key: 'a', rule: { capacity: 100, refillMs: 1_000 }, owed, wanted }]);
    const leased = (granted: number, fullInMs: number): unknown => ({
      ...{ kind: 'leased', sharers: 20 },
      leases: [{ granted, fullInMs }],
    });
    expect(await lease(0, 50)).toEqual(leased(5, 5_000));
    expect(await lease(35, 50)).toEqual(leased(3, 43_000));
    expect(await lease(10_000, 50)).toEqual(leased(0, 2_000_000));
    for (const other of others) await server.command('HDEL', '{t}:members', other);
  });

  it('that were sealed by somebody else are not listed', async () => {
    const store = tableOf({ entriesMax: 100, whenFull: 'share' });
    await store.charge({ key: 'a', rule }, 2);
    const [key = ''] = (await server.command(
      'KEYS',
      `{t}:empty:table${String(made)}:*`,
    )) as string[];
    await server.command('SET', key, 'bm9uc2Vuc2U');
    expect(await store.listEmpty(10)).toEqual([]);
  });
});

/** Names of its own, so that each begins with nobody. */
function newPlaces(): RedisPlaces {
  made += 1;
  const key = { id: 'k', secret: new Secret(`another secret of some characters ${String(made)}`) };
  return new RedisPlaces(redis, new NameHash({ keys: [key] }));
}

testPlaceStore('places in Redis', newPlaces, () => fastForward(1));

describe('places in Redis', () => {
  it('are those of all with the same keys, say nothing, and go when nobody comes', async () => {
    const [one, other] = [new RedisPlaces(redis, names), new RedisPlaces(redis, names)];
    const before = (await server.command('KEYS', '{t}:place:*')) as string[];
    await one.add('anna', '192.0.2.7');
    expect(await other.has('anna', '192.0.2.7')).toBe(true);
    const keys = (await server.command('KEYS', '{t}:place:*')) as string[];
    const [key = '', ...more] = keys.filter((found) => !before.includes(found));
    expect(more).toEqual([]);
    expect(Number(await server.command('PTTL', key))).toBeGreaterThan(86_400_000);
    const rows = `${key} ${String(await server.command('HGETALL', key))}`;
    expect(rows).not.toMatch(/192\.0|anna/);
  });
});
