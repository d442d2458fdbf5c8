import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { RedisRevocationLog } from '../../../src/coherence/redis-revocation-log.ts';
import { RedisZoneStore } from '../../../src/keyval/redis-zone-store.ts';
import { Secret } from '../../../src/lib/secret.ts';
import { redisConnect } from '../../../src/session/redis-connect.ts';
import { RedisSessionStore } from '../../../src/session/redis-session-store.ts';
import { RedisStore } from '../../../src/session/redis-store.ts';
import { createSessionId, sessionKeyOf } from '../../../src/session/session.ts';
import { MessageSeal } from '../../../src/tokens/message-seal.ts';
import { ValueSeal } from '../../../src/tokens/value-seal.ts';
import { testZoneStore } from '../../contract/zone-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { principalNamed, sessionsConfigOf } from '../../support/session-parts.ts';
import { waitFor } from '../../support/wait-for.ts';

const tokens = { keys: [{ id: 'k1', secret: new Secret('a secret of thirty-two characters') }] };
const config = sessionsConfigOf();
const clock = new ManualClock(Date.UTC(2030, 0, 1));
/** The server's clock stands still where ours does: scripts take the time from a key. */
const time = `tonumber(redis.call('GET', '{clock}:'..P))`;
const prefixes = new Set<string>();
let server: RedisServer;
let made = 0;

beforeAll(async () => {
  server = await RedisServer.start();
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

testZoneStore(
  'Redis',
  async () => {
    made += 1;
    const prefix = `z${String(made)}`;
    const login = { username: null, password: null, passwordFile: null };
    const redis = new RedisStore({
      connect: redisConnect(
        {
          ...{ type: 'redis', mode: 'standalone', primaryName: 'mymaster', login },
          ...{ sentinelLogin: login, database: 0, tls: null, keyPrefix: 'gw', waitReplicas: 0 },
          servers: [{ host: '127.0.0.1', port: server.port }],
        },
        `{${prefix}}:head`,
      ),
      prefix,
      values: new ValueSeal(tokens),
      messages: new MessageSeal(tokens),
      clock,
      worker: randomBytes(8).toString('hex'),
      boundMs: 5_000,
      time,
    });
    await server.command('SET', `{clock}:{${prefix}}:`, clock.now());
    prefixes.add(prefix);
    redis.start();
    const log = new RedisRevocationLog(redis);
    await waitFor('the connections', () => log.isConnected && redis.requests.runId !== null);
    await log.poll({ worker: redis.parts.worker, sequence: 1, boundMs: 5_000, position: null });
    const sessions = new RedisSessionStore(redis, config);
    return {
      store: new RedisZoneStore(redis, config.idleTimeoutMs),
      openSession: async () => {
        const key = sessionKeyOf(createSessionId());
        const principal = principalNamed('user1');
        await sessions.create({ key, principal, actor: null, since: null });
        return key;
      },
      [Symbol.asyncDispose]: () => {
        redis.stop();
        prefixes.delete(prefix);
        return Promise.resolve();
      },
    };
  },
  async (ms) => {
    clock.advance(ms);
    for (const prefix of prefixes) {
      await server.command('SET', `{clock}:{${prefix}}:`, clock.now());
      // Claims run out by the server's own clock, which cannot be moved.
      for (const key of await claimsOf(prefix)) await age(key, ms);
    }
  },
);

async function claimsOf(prefix: string): Promise<string[]> {
  const keys = await server.command('KEYS', `{${prefix}}:zc:*`);
  return Array.isArray(keys) ? keys.map(String) : [];
}

async function age(key: string, ms: number): Promise<void> {
  const left = Number(await server.command('PTTL', key));
  if (left >= 0 && left <= ms) await server.command('DEL', key);
}
