import { expect, it } from 'vitest';
import { Gateway } from '../../support/gateway.ts';
import { logIn } from '../../support/login.ts';
import { RawClient } from '../../support/raw-client.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { sidecarYaml } from '../../support/sidecar-yaml.ts';

/** Whom nobody has in a cache is asked for in the store, and clients leave meanwhile. */
it('a question whose answer comes late gets its own client’s identity, and no other', async () => {
  await using redis = await RedisServer.start();
  const yaml = await sidecarYaml(9);
  yaml.tokens = { keys: [{ id: 'k1', secret: 'one secret for several sidecars, long enough' }] };
  yaml.sessions = { store: { type: 'redis', servers: [redis.address] } };
  await using first = await Gateway.start(yaml);
  const users = [
    ['user1', 'pass1'],
    ['user2', 'pass2'],
    ['admin', 'password'],
  ] as const;
  const cookies: (readonly [user: string, cookie: string])[] = [];
  for (let round = 0; round < 20; round++) {
    for (const [user, password] of users) {
      cookies.push([user, (await logIn(first.edge, user, password)).cookie]);
    }
  }
  // It has seen none of them, and remembers one at a time.
  yaml.sessions = { ...yaml.sessions, cacheEntriesMax: 1 };
  await using second = await Gateway.start(yaml);
  const ask = async ([user, cookie]: readonly [string, string], index: number): Promise<void> => {
    await using client = await RawClient.connect(second.control);
    client.write(
      `GET /sidecar/nginx HTTP/1.1\r\nHost: c\r\nX-Original-Method: GET\r\nX-Original-URL: http://a/x${String(index)}\r\nCookie: ${cookie}\r\n\r\n`,
    );
    if (index % 3 === 0) {
      client.reset();
      return;
    }
    const response = await client.response();
    expect(response.status).toBe(200);
    expect(response.values('x-userinfo')).toEqual([expect.stringContaining(`"${user}"`)]);
  };
  for (let round = 0; round < 3; round++) await Promise.all(cookies.map(ask));
});
