import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import type { SessionsConfig } from '../../../src/config/sessions.ts';
import { RedisRevocationLog } from '../../../src/coherence/redis-revocation-log.ts';
import { Secret } from '../../../src/lib/secret.ts';
import { RedisSessionStore } from '../../../src/session/redis-session-store.ts';
import { redisConnect } from '../../../src/session/redis-connect.ts';
import { RedisStore } from '../../../src/session/redis-store.ts';
import { MessageSeal } from '../../../src/tokens/message-seal.ts';
import { ValueSeal } from '../../../src/tokens/value-seal.ts';
import { testSessionStore, type SessionStoreFixture } from '../../contract/session-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { waitFor } from '../../support/wait-for.ts';

const tokens = { keys: [{ id: 'k1', secret: new Secret('a secret of thirty-two characters') }] };
let server: RedisServer;
const clock = new ManualClock(Date.UTC(2030, 0, 1));
let made = 0;

beforeAll(async () => {
  server = await RedisServer.start();
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** The server's clock stands still where ours does: scripts take the time from a key. */
const time = `tonumber(redis.call('GET', '{clock}:'..P))`;

interface Fixture extends SessionStoreFixture {
  readonly redis: RedisStore;
  readonly log: RedisRevocationLog;
}

const prefixes = new Set<string>();

async function make(config: SessionsConfig): Promise<Fixture> {
  made += 1;
  const prefix = `t${String(made)}`;
  const redis = new RedisStore({
    connect: redisConnect(configOf(), `{${prefix}}:head`),
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
  return {
    store: new RedisSessionStore(redis, config),
    redis,
    log,
    [Symbol.asyncDispose]: () => {
      redis.stop();
      prefixes.delete(prefix);
      return Promise.resolve();
    },
  };
}

function configOf() {
  const login = { username: null, password: null, passwordFile: null };
  return {
    type: 'redis' as const,
    mode: 'standalone' as const,
    servers: [{ host: '127.0.0.1', port: server.port }],
    primaryName: 'mymaster',
    login,
    sentinelLogin: login,
    database: 0,
    tls: null,
    keyPrefix: 'gw',
    waitReplicas: 0,
  };
}

testSessionStore('Redis', make, async (ms) => {
  clock.advance(ms);
  for (const prefix of prefixes) {
    await server.command('SET', `{clock}:{${prefix}}:`, clock.now());
  }
});
