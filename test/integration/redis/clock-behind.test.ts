import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisRevocationLog } from '../../../src/coherence/redis-revocation-log.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { Secret } from '../../../src/lib/secret.ts';
import { RedisSessionStore } from '../../../src/session/redis-session-store.ts';
import { redisConnect } from '../../../src/session/redis-connect.ts';
import { RedisStore } from '../../../src/session/redis-store.ts';
import { createSessionId, sessionKeyOf } from '../../../src/session/session.ts';
import { MessageSeal } from '../../../src/tokens/message-seal.ts';
import { ValueSeal } from '../../../src/tokens/value-seal.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { principalNamed, sessionsConfigOf } from '../../support/session-parts.ts';
import { waitFor } from '../../support/wait-for.ts';

const tokens = { keys: [{ id: 'k1', secret: new Secret('a secret of thirty-two characters') }] };
const login = { username: null, password: null, passwordFile: null };
let server: RedisServer;
let made = 0;

beforeAll(async () => {
  server = await RedisServer.start();
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** A store whose server has a clock that can be set, as that of the next primary may be. */
class Scene implements AsyncDisposable {
  readonly store: RedisSessionStore;
  readonly #redis: RedisStore;
  readonly #clockKey: string;

  private constructor(prefix: string) {
    const config = {
      type: 'redis' as const,
      mode: 'standalone' as const,
      servers: [{ host: '127.0.0.1', port: server.port }],
      ...{ primaryName: 'mymaster', login, sentinelLogin: login, database: 0, tls: null },
      ...{ keyPrefix: prefix, waitReplicas: 0 },
    };
    this.#clockKey = `{${prefix}}:clock`;
    this.#redis = new RedisStore({
      connect: redisConnect(config, `{${prefix}}:head`),
      prefix,
      values: new ValueSeal(tokens),
      messages: new MessageSeal(tokens),
      clock: systemClock,
      worker: randomBytes(8).toString('hex'),
      boundMs: 5_000,
      time: `tonumber(redis.call('GET', P..'clock'))`,
    });
    this.store = new RedisSessionStore(this.#redis, sessionsConfigOf());
  }

  static async make(): Promise<Scene> {
    made += 1;
    const scene = new Scene(`c${String(made)}`);
    const redis = scene.#redis;
    await scene.setClock(0);
    redis.start();
    await waitFor('connections', () => redis.polls.runId !== null && redis.requests.runId !== null);
    const log = new RedisRevocationLog(redis);
    await log.poll({ worker: redis.parts.worker, sequence: 1, boundMs: 5_000, position: null });
    return scene;
  }

  async setClock(ms: number): Promise<void> {
    await server.command('SET', this.#clockKey, Date.UTC(2030, 0, 1) + ms);
  }

  /** The key of a new session, or why there is none. */
  async open(since: number | null = null): Promise<string> {
    const key = sessionKeyOf(createSessionId());
    const principal = principalNamed('user1');
    const answer = await this.store.create({ key, principal, actor: null, since });
    if (answer.kind === 'created') return key;
    return answer.kind === 'refused' ? answer.reason : answer.kind;
  }

  async since(): Promise<number> {
    const answer = await this.store.revocationNumber();
    return answer.kind === 'number' ? answer.number : NaN;
  }

  async stateOf(key: string): Promise<string> {
    const answer = await this.store.read(key);
    return answer.kind === 'none' ? answer.reason : answer.kind;
  }

  /** The number of the entry that everybody's end has made; null: it made none. */
  async endEverybody(lost?: number): Promise<number | null> {
    const answer = await this.store.revokeAll(lost);
    if (answer.kind !== 'revoked') throw new Error('not revoked');
    return answer.commit?.entries[0]?.number ?? null;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#redis.stop();
    return Promise.resolve();
  }
}

describe('a server whose clock is behind that of the one before', () => {
  it('ends everybody, also who came by the clock that was ahead', async () => {
    await using scene = await Scene.make();
    const early = await scene.open();
    await scene.setClock(-60_000);
    const late = await scene.open();
    await scene.endEverybody();
    expect(await scene.stateOf(early)).toBe('revoked');
    expect(await scene.stateOf(late)).toBe('revoked');
    expect(await scene.stateOf(await scene.open())).toBe('live');
  });

  it('lets in who logs in after the end of everybody', async () => {
    await using scene = await Scene.make();
    await scene.endEverybody();
    await scene.setClock(-60_000);
    const key = await scene.open(await scene.since());
    expect(await scene.stateOf(key)).toBe('live');
  });

  it('lets no login in that an end has overtaken', async () => {
    await using scene = await Scene.make();
    await scene.store.revokeUser('main', 'user1', null);
    await scene.setClock(-60_000);
    const before = await scene.since();
    await scene.endEverybody();
    expect(await scene.open(before)).toBe('overtaken');
    const between = await scene.since();
    await scene.store.revokeUser('main', 'user1', null);
    expect(await scene.open(between)).toBe('overtaken');
    expect(await scene.stateOf(await scene.open(await scene.since()))).toBe('live');
  });
});

describe('a store that has lost the end of everybody', () => {
  it('is told of it once, however many remember it', async () => {
    await using scene = await Scene.make();
    const again = await scene.endEverybody(100);
    expect(again).toBeGreaterThan(100);
    const key = await scene.open();
    expect(await scene.endEverybody(100)).toBeNull();
    expect(await scene.endEverybody(again ?? NaN)).toBeNull();
    expect(await scene.stateOf(key)).toBe('live');
    expect(await scene.endEverybody()).toBeGreaterThan(again ?? NaN);
  });
});
