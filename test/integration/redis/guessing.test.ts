import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planned } from '../../support/gateway-yaml.ts';
import { Gateway } from '../../support/gateway.ts';
import { logIn, tryLoginFrom } from '../../support/login.ts';
import { patientMs } from '../../support/patience.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { run } from '../../support/worker-processes.ts';

describe('failed logins at a gateway with several workers', { timeout: patientMs(60_000) }, () => {
  let redis: RedisServer;
  let gateway: Gateway;
  beforeAll(async () => {
    redis = await RedisServer.start();
    const yaml = planned({
      upstreamPorts: [9],
      sections: {
        sessions: { store: { type: 'redis', servers: [redis.address] } },
        tokens: { keys: [{ id: 'k', secret: 'a key that only this test knows, 32+' }] },
        login: { throttle: { account: { failures: 4, regain: '1h' } } },
      },
    });
    gateway = await Gateway.start({ ...yaml, workers: 2 });
  }, patientMs(60_000));
  afterAll(async () => {
    await gateway.stop();
    await redis[Symbol.asyncDispose]();
  });

  const bans = async (...args: string[]): Promise<string> => {
    const { code, stderr, stdout } = await run('bans', ...args, '--config', gateway.configPath);
    expect([code, stderr]).toEqual([0, '']);
    return stdout;
  };

  it('are counted together, whichever worker they meet, and so is where somebody is at home', async () => {
    await logIn(gateway.edge);
    const guesses: number[] = [];
    // Each on a connection of its own: they fall to either worker.
    for (let count = 0; count < 12; count += 1) {
      guesses.push((await tryLoginFrom('127.0.0.9', gateway.edge, 'user1', 'wrong')).status);
    }
    expect(guesses).toEqual([401, 401, 401, 401, ...Array<number>(8).fill(429)]);
    expect(await bans('list')).toMatch(/^account user1 \d+s\n$/);
    expect(await gateway.metric('portcullis_bans_active', 'kind="account"')).toBe(1);
    expect(await gateway.metric('portcullis_bans_active', 'kind="address"')).toBe(0);
    for (let count = 0; count < 6; count += 1) await logIn(gateway.edge);
    expect(await bans('clear', '--account', 'user1')).toMatch(/^cleared [12]\n$/);
    for (let count = 0; count < 4; count += 1) {
      const { status } = await tryLoginFrom('127.0.0.9', gateway.edge, 'user1', 'pass1');
      expect(status).toBe(200);
    }
    expect(await gateway.metric('portcullis_login_throttle_entries')).toBeGreaterThanOrEqual(0);
  });
});
