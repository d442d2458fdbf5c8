import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { RedisRevocationLog } from '../../../src/coherence/redis-revocation-log.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { Secret } from '../../../src/lib/secret.ts';
import { redisConnect } from '../../../src/session/redis-connect.ts';
import { RedisStore } from '../../../src/session/redis-store.ts';
import { MessageSeal } from '../../../src/tokens/message-seal.ts';
import { ValueSeal } from '../../../src/tokens/value-seal.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { waitFor } from '../../support/wait-for.ts';

const tokens = { keys: [{ id: 'k1', secret: new Secret('a secret of thirty-two characters') }] };
const login = { username: null, password: null, passwordFile: null };

/** One worker's way to a store, which can be led to another server. */
class Worker implements AsyncDisposable {
  readonly store: RedisStore;
  readonly #log: RedisRevocationLog;
  #server: RedisServer;
  #sequence = 0;

  constructor(server: RedisServer) {
    this.#server = server;
    this.store = new RedisStore({
      connect: () => this.#connect(),
      prefix: 'gw',
      values: new ValueSeal(tokens),
      messages: new MessageSeal(tokens),
      clock: systemClock,
      worker: randomBytes(8).toString('hex'),
      boundMs: 5_000,
    });
    this.#log = new RedisRevocationLog(this.store);
    this.store.start();
  }

  /** As after a fail-over: all connections are lost, and made again to where the primary is now. */
  async go(to: RedisServer): Promise<void> {
    this.#server = to;
    for (const link of [this.store.polls, this.store.requests]) link.drop(new Error('it is gone'));
    await this.connected();
  }

  async connected(): Promise<void> {
    const { polls, requests } = this.store;
    await waitFor('connections', () => polls.runId !== null && requests.runId !== null);
  }

  /** Its epoch, and how old that is. */
  async poll(): Promise<{ readonly id: string; readonly ageMs: number }> {
    this.#sequence += 1;
    const answer = await this.#log.poll({
      worker: this.store.parts.worker,
      sequence: this.#sequence,
      boundMs: 5_000,
      position: null,
    });
    if (answer.kind === 'unavailable') throw new Error('no answer to a poll');
    return answer.epoch;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.store.stop();
    return Promise.resolve();
  }

  #connect(): ReturnType<ReturnType<typeof redisConnect>> {
    const config = {
      type: 'redis' as const,
      mode: 'standalone' as const,
      servers: [{ host: '127.0.0.1', port: this.#server.port }],
      primaryName: 'mymaster',
      login,
      sentinelLogin: login,
      database: 0,
      tls: null,
      keyPrefix: 'gw',
      waitReplicas: 0,
    };
    return redisConnect(config, '{gw}:head')();
  }
}

it('a primary that comes back with its own past is a new epoch, for those who never left it as well', async () => {
  await using first = await RedisServer.start();
  await using second = await RedisServer.start();
  await using traveller = new Worker(first);
  await using stayer = new Worker(first);
  await traveller.connected();
  await stayer.connected();
  const before = await traveller.poll();
  expect(await stayer.poll()).toMatchObject({ id: before.id });
  await second.command('REPLICAOF', '127.0.0.1', first.port);
  await waitFor(
    'the replica',
    async () => /master_link_status:up/.test(String(await second.command('INFO', 'replication'))),
    20_000,
  );
  await second.command('REPLICAOF', 'NO', 'ONE');
  await traveller.go(second);
  const elsewhere = await traveller.poll();
  expect(elsewhere.id).not.toBe(before.id);
  // Somebody leads everybody back to the first, the same process, which knows nothing of what happened meanwhile.
  await stayer.store.ask(stayer.store.scripts.count, []);
  await traveller.go(first);
  const back = await traveller.poll();
  expect([before.id, elsewhere.id]).not.toContain(back.id);
  expect(back.ageMs).toBeLessThan(5_000);
  // Nothing is believed of what was asked in the epoch before.
  await expect(stayer.store.ask(stayer.store.scripts.count, [])).rejects.toThrow('new epoch');
  expect(await stayer.poll()).toMatchObject({ id: back.id });
  await stayer.store.ask(stayer.store.scripts.count, []);
});
