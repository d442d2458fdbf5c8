import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../support/gateway.ts';
import { logIn, tryLoginFrom } from '../../support/login.ts';
import { patientMs } from '../../support/patience.ts';
import { RawClient, type RawResponse } from '../../support/raw-client.ts';
import { RedisNodes } from '../../support/redis-nodes.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { request } from '../../support/request.ts';
import { waitFor } from '../../support/wait-for.ts';
import { run } from '../../support/worker-processes.ts';

const burst = 20;
const hour = { per: '1h', burst };
const rateLimits = {
  address: { requests: burst, ...hour },
  key: { by: 'header:X-Key', requests: burst, ...hour },
  user: { by: 'user', requests: burst, ...hour },
};
const slow = { failures: 4, regain: '1h' };

describe('two nodes with one Redis', { timeout: patientMs(60_000) }, () => {
  const stack = new AsyncDisposableStack();
  let redis: RedisServer;
  let nodes: RedisNodes;
  beforeAll(async () => {
    // With no more rights than the sample grants.
    redis = stack.use(
      await RedisServer.start({
        args: ['--aclfile', join(projectRoot, 'config/redis.acl')],
        auth: { username: 'portcullis', password: 'change-this-password' },
      }),
    );
    const routes = Object.keys(rateLimits).map((name) => ({
      path: `/${name}/`,
      auth: name === 'user' ? ('session' as const) : ('none' as const),
      respond: { status: 200, body: 'ok' },
      rateLimits: [name],
    }));
    nodes = stack.use(
      await RedisNodes.start(redis, {
        store: { username: 'portcullis', password: 'change-this-password' },
        plan: {
          routes,
          sections: {
            rateLimits,
            login: {
              throttle: { account: slow, address: { ...slow, failures: 50 } },
            },
          },
        },
      }),
    );
  }, patientMs(60_000));
  afterAll(() => stack.disposeAsync());

  /** Some requests at a node, one after the other. */
  async function ask(
    index: number,
    count: number,
    path: string,
    lines: string[] = [],
  ): Promise<RawResponse[]> {
    await using client = await RawClient.connect(nodes.node(index).edge);
    const responses: RawResponse[] = [];
    while (responses.length < count) {
      responses.push(await client.write(request('GET', path, lines)).response());
    }
    return responses;
  }
  const passedOf = (responses: readonly RawResponse[]): number =>
    responses.filter(({ status }) => status === 200).length;
  const guess = async (index: number, name: string, host: number, word = 'wrong') =>
    (await tryLoginFrom(`127.0.0.${String(host)}`, nodes.node(index).edge, name, word)).status;
  const bans = async (index: number, ...args: string[]): Promise<string> => {
    const { configPath } = nodes.node(index);
    const { code, stderr, stdout } = await run('bans', ...args, '--config', configPath);
    expect([code, stderr]).toEqual([0, '']);
    return stdout;
  };
  const alone = (index: number): Promise<number> =>
    nodes.node(index).metric('portcullis_counts_alone');

  it('have one budget for requests', async () => {
    let passed = 0;
    for (let round = 0; round < 2 * burst; round += 1) {
      for (const index of [0, 1]) passed += passedOf(await ask(index, 1, '/address/x'));
    }
    expect(passed).toBeGreaterThanOrEqual(burst);
    // What all may let through beyond it before they have heard of each other.
    expect(passed).toBeLessThanOrEqual(2 * burst);
    const [refused] = await ask(0, 1, '/address/x');
    expect(refused?.status).toBe(429);
    expect(Number(refused?.value('retry-after'))).toBeGreaterThan(60);
  });

  it('hold to it also when everything comes at once', async () => {
    const crowd = Array.from({ length: 16 }, (_, index) =>
      ask(index % 2, 5, '/key/x', ['X-Key: crowd']),
    );
    const passed = passedOf((await Promise.all(crowd)).flat());
    expect(passed).toBeGreaterThanOrEqual(burst / 2);
    expect(passed).toBeLessThanOrEqual(2 * burst);
  });

  it('count a user of both as one', async () => {
    const one = await logIn(nodes.node(0).edge);
    const other = await logIn(nodes.node(1).edge);
    let passed = 0;
    for (let round = 0; round < burst; round += 1) {
      passed += passedOf(await ask(0, 1, '/user/x', [`Cookie: ${one.cookie}`]));
      passed += passedOf(await ask(1, 1, '/user/x', [`Cookie: ${other.cookie}`]));
    }
    expect(passed).toBeGreaterThanOrEqual(burst);
    expect(passed).toBeLessThan(2 * burst);
  });

  it('refuse at one what was guessed at the other, and know at both who is at home', async () => {
    await logIn(nodes.node(0).edge, 'user2', 'pass2');
    const guesses: number[] = [];
    for (let count = 0; count < 8; count += 1) guesses.push(await guess(count % 2, 'user2', 9));
    expect(guesses).toEqual([401, 401, 401, 401, 429, 429, 429, 429]);
    expect(await guess(1, 'user2', 8, 'pass2')).toBe(429);
    // At home is where the other node has let somebody in.
    expect(await guess(1, 'user2', 1, 'pass2')).toBe(200);
  });

  it('show and clear at one what both have counted', async () => {
    for (let count = 0; count < 4; count += 1) await guess(0, 'nobody', 7);
    const listed = await bans(1, 'list');
    expect(listed).toMatch(/^account nobody \d+s$/m);
    expect(await bans(0, 'list')).toMatch(/^account nobody \d+s$/m);
    expect(await guess(0, 'nobody', 6)).toBe(429);
    expect(await bans(1, 'clear', '--account', 'NoBody')).toBe('cleared 1\n');
    expect(await guess(0, 'nobody', 6)).toBe(401);
    expect(await bans(0, 'list')).not.toContain('nobody');
  });

  it('count requests each by itself while Redis is away, and together when it is back', async () => {
    await redis.kill();
    // Nobody is let in, so there is nothing to guess.
    expect(await guess(0, 'user1', 11, 'pass1')).toBe(503);
    const apart: number[] = [];
    for (const index of [0, 1]) {
      await ask(index, 1, '/key/x', ['X-Key: warm']);
      await waitFor('the node to be alone', async () => (await alone(index)) > 0);
      apart.push(passedOf(await ask(index, 2 * burst, '/key/x', ['X-Key: outage'])));
    }
    expect(apart).toEqual([burst, burst]);
    await redis.launch();
    for (const index of [0, 1]) {
      await waitFor('the node to share again', async () => {
        await ask(index, 1, '/key/x', ['X-Key: warm']);
        await guess(index, 'warm', 14);
        return (await alone(index)) === 0;
      });
    }
    let passed = 0;
    for (let round = 0; round < 2 * burst; round += 1) {
      for (const index of [0, 1]) {
        passed += passedOf(await ask(index, 1, '/key/x', ['X-Key: after']));
      }
    }
    expect(passed).toBeGreaterThanOrEqual(burst);
    expect(passed).toBeLessThan(2 * burst);
    const guesses: number[] = [];
    for (let count = 0; count < 6; count += 1) guesses.push(await guess(count % 2, 'user1', 13));
    expect(guesses).toEqual([401, 401, 401, 401, 429, 429]);
  });
});
