import { randomBytes } from 'node:crypto';
import { CrewWatch } from '../coherence/crew-watch.ts';
import { Follower } from '../coherence/follower.ts';
import { RedisBus } from '../coherence/redis-bus.ts';
import { RedisRevocationLog } from '../coherence/redis-revocation-log.ts';
import type { RedisStoreConfig } from '../config/redis-store.ts';
import { RedisZoneStore } from '../keyval/redis-zone-store.ts';
import { systemClock } from '../lib/clock.ts';
import { errorFields } from '../observability/error-fields.ts';
import { RedisBoard } from '../session/redis-board.ts';
import { RedisBuckets } from '../session/redis-buckets.ts';
import { redisConnect } from '../session/redis-connect.ts';
import { RedisPlaces } from '../session/redis-places.ts';
import { RedisSessionStore } from '../session/redis-session-store.ts';
import { RedisStore } from '../session/redis-store.ts';
import { MessageSeal } from '../tokens/message-seal.ts';
import { NameHash } from '../tokens/name-hash.ts';
import { ValueSeal } from '../tokens/value-seal.ts';
import type { StoreService } from './session-store.ts';
import type { WorkerParts } from './shared.ts';

/** Sessions, log, table and bus in one Redis. Opens nothing yet. */
export function createRedisStore(
  store: RedisStoreConfig,
  { config, log, seat = null }: Pick<WorkerParts, 'config' | 'log'> & Partial<WorkerParts>,
): StoreService {
  const worker = randomBytes(8).toString('hex');
  let found: readonly string[] = [];
  const redis = new RedisStore({
    connect: redisConnect(store, `{${store.keyPrefix}}:head`),
    prefix: store.keyPrefix,
    values: new ValueSeal(config.tokens),
    messages: new MessageSeal(config.tokens),
    clock: systemClock,
    worker,
    boundMs: config.coherence.stalenessMs,
    waitReplicas: store.waitReplicas,
    onFindings: (findings) => {
      for (const detail of findings) log.warn('store.unsafe', { detail });
      found = findings;
    },
    onTrouble: (error) => log.warn('store.trouble', errorFields(error)),
  });
  const names = new NameHash(config.tokens);
  const revocations = new RedisRevocationLog(redis);
  const bus = new RedisBus(redis);
  const follower = new Follower({
    worker,
    log: revocations,
    bus,
    table: revocations,
    times: config.coherence,
    clock: systemClock,
    onJump: (reason) => log[reason === 'first' ? 'info' : 'warn']('coherence.jump', { reason }),
  });
  const self = { worker, boundMs: config.coherence.stalenessMs };
  const crew = seat === null ? null : new CrewWatch(self, seat, (one) => follower.left(one));
  return {
    store: new RedisSessionStore(redis, config.sessions),
    zones: new RedisZoneStore(redis, config.sessions.idleTimeoutMs),
    othersOnline: async () => Math.max(0, ((await revocations.rows())?.length ?? 1) - 1),
    follower,
    forged: () => bus.forged + revocations.forged,
    isReachable: () => redis.isReachable,
    findings: () => found,
    member: worker,
    board: new RedisBoard(redis, () => revocations.rows()),
    counts: {
      buckets: (table, isListed) => new RedisBuckets({ store: redis, names, table, isListed }),
      places: new RedisPlaces(redis, names),
    },
    start: async () => {
      redis.start();
      await crew?.start();
      await follower.start();
    },
    stop: async () => {
      await follower.stop();
      await crew?.stop();
      redis.stop();
    },
  };
}
