import { expect, it } from 'vitest';
import { logIn } from '../../support/login.ts';
import { patientMs } from '../../support/patience.ts';
import { RedisNodes, statusOf } from '../../support/redis-nodes.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { waitFor, waitForValue } from '../../support/wait-for.ts';
import { run } from '../../support/worker-processes.ts';

it(
  'the sessions of everybody end on every node, and stay ended where Redis comes back from before',
  { timeout: patientMs(60_000) },
  async () => {
    await using redis = await RedisServer.start({ args: ['--dbfilename', 'before.rdb'] });
    await using nodes = await RedisNodes.start(redis);
    const [a, b] = [nodes.node(0), nodes.node(1)];
    const logins = [await logIn(a.edge), await logIn(b.edge, 'user2', 'pass2')];
    for (const login of logins) {
      for (const { edge } of [a, b]) expect(await statusOf(edge, login)).toBe(200);
    }
    await redis.command('SAVE');
    const ended = await run('sessions', 'revoke', '--everybody', '--config', a.configPath);
    expect(ended).toMatchObject({ code: 0, stdout: '2 sessions have ended\n' });
    for (const login of logins) {
      for (const { edge } of [b, a]) expect(await statusOf(edge, login)).toBe(401);
    }
    expect(await a.metric('portcullis_sessions')).toBe(0);
    const fresh = await logIn(b.edge);
    expect(await statusOf(a.edge, fresh)).toBe(200);
    // It has forgotten the end, and is told of it before anybody believes it.
    await redis.kill();
    await redis.launch();
    for (const login of logins) {
      for (const { edge } of [a, b]) {
        await waitFor('an answer', async () => {
          const status = await statusOf(edge, login);
          expect(status).not.toBe(200);
          return status === 401;
        });
      }
    }
    const again = await waitForValue('a login', () => logIn(a.edge).catch(() => null));
    expect(await statusOf(b.edge, again)).toBe(200);
  },
);
