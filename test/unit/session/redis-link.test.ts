import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { RedisStoreConfig } from '../../../src/config/redis-store.ts';
import { redisConnect } from '../../../src/session/redis-connect.ts';
import { RedisLink, RedisRefused, RedisSilent } from '../../../src/session/redis-link.ts';
import { waitFor } from '../../support/wait-for.ts';

/** Speaks just enough of the protocol to be taken for a Redis. */
class FakeRedis implements AsyncDisposable {
  connections = 0;
  /** What is said to each command by its first word; null: nothing. */
  answer: (command: string) => string | null = () => null;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => {
    this.connections += 1;
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      for (const [, word = ''] of String(bytes).matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g)) {
        const said = this.answer(word.toUpperCase());
        if (said !== null) socket.write(said);
      }
    });
  });

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function configFor(port: number): RedisStoreConfig {
  const login = { username: null, password: null, passwordFile: null };
  return {
    type: 'redis',
    mode: 'standalone',
    servers: [{ host: '127.0.0.1', port }],
    primaryName: 'mymaster',
    login,
    sentinelLogin: login,
    database: 0,
    tls: null,
    keyPrefix: 'gw',
    waitReplicas: 0,
  };
}

const info = 'run_id:abc\r\n';
const infoReply = `$${String(info.length)}\r\n${info}\r\n`;

describe('a link to Redis', () => {
  it('that is let in and told nothing is given up, and tried again', async () => {
    await using redis = new FakeRedis();
    const port = await redis.listen();
    const connect = redisConnect(configFor(port), 'k');
    const link = new RedisLink({ connect, openMs: 50 });
    link.start();
    await waitFor('another attempt', () => redis.connections >= 2);
    expect(link.runId).toBeNull();
    await expect(link.call(50, 'GET', ['a'])).rejects.toBeInstanceOf(RedisRefused);
    redis.answer = (command) => (command === 'INFO' ? infoReply : null);
    await waitFor('the run id', () => link.runId === 'abc');
    link.stop();
  });

  it('does not wait longer for an answer than it was told', async () => {
    await using redis = new FakeRedis();
    const port = await redis.listen();
    redis.answer = (command) => (command === 'INFO' ? infoReply : null);
    const link = new RedisLink({ connect: redisConnect(configFor(port), 'k') });
    link.start();
    await waitFor('the run id', () => link.runId === 'abc');
    await expect(link.call(20, 'GET', ['a'])).rejects.toBeInstanceOf(RedisSilent);
    expect(link.runId).toBe('abc');
    link.stop();
  });

  it('that answers nothing any more is made again', async () => {
    await using redis = new FakeRedis();
    const port = await redis.listen();
    redis.answer = (command) => (command === 'INFO' ? infoReply : null);
    const link = new RedisLink({ connect: redisConnect(configFor(port), 'k'), silenceMs: 50 });
    link.start();
    await waitFor('the run id', () => link.runId === 'abc');
    await expect(link.call(20, 'GET', ['a'])).rejects.toBeInstanceOf(RedisSilent);
    await waitFor('another connection', () => redis.connections === 2 && link.runId === 'abc');
    link.stop();
  });

  it('that answers late is kept', async () => {
    await using redis = new FakeRedis();
    const port = await redis.listen();
    redis.answer = (command) => (command === 'INFO' ? infoReply : null);
    const link = new RedisLink({ connect: redisConnect(configFor(port), 'k'), silenceMs: 500 });
    link.start();
    await waitFor('the run id', () => link.runId === 'abc');
    await expect(link.call(20, 'GET', ['a'])).rejects.toBeInstanceOf(RedisSilent);
    const silentAtMs = performance.now();
    // That of the first call, and its own.
    redis.answer = () => ':1\r\n:2\r\n';
    expect(await link.call(10_000, 'GET', ['b'])).toBe(2);
    redis.answer = () => ':3\r\n';
    while (performance.now() < silentAtMs + 700) {
      expect(await link.call(10_000, 'GET', ['c'])).toBe(3);
    }
    expect(redis.connections).toBe(1);
    link.stop();
  });

  it.each(['READONLY', 'NOREPLICAS', 'LOADING', 'MOVED', 'ASK', 'TRYAGAIN', 'CLUSTERDOWN'])(
    'leaves a server that says %s, and looks for the primary again',
    async (word) => {
      await using redis = new FakeRedis();
      const port = await redis.listen();
      redis.answer = (command) => (command === 'INFO' ? infoReply : `-${word} said so\r\n`);
      const link = new RedisLink({ connect: redisConnect(configFor(port), 'k') });
      link.start();
      await waitFor('the run id', () => link.runId === 'abc');
      await expect(link.call(1_000, 'GET', ['a'])).rejects.toBeInstanceOf(RedisRefused);
      expect(link.runId).toBeNull();
      await waitFor('another connection', () => redis.connections === 2 && link.runId === 'abc');
      link.stop();
    },
  );

  it('keeps to a server that has forgotten a script', async () => {
    await using redis = new FakeRedis();
    const port = await redis.listen();
    redis.answer = (command) => (command === 'INFO' ? infoReply : '-NOSCRIPT no such script\r\n');
    const link = new RedisLink({ connect: redisConnect(configFor(port), 'k') });
    link.start();
    await waitFor('the run id', () => link.runId === 'abc');
    await expect(link.call(1_000, 'EVALSHA', ['a'])).rejects.toThrow(/NOSCRIPT/);
    expect(link.runId).toBe('abc');
    expect(redis.connections).toBe(1);
    link.stop();
  });
});
