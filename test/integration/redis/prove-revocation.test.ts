import { describe, expect, test } from 'vitest';
import { PatchedCopy } from '../../support/coherence/patched-copy.ts';
import { Process } from '../../support/gateway.ts';
import { RedisNodes } from '../../support/redis-nodes.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { waitFor } from '../../support/wait-for.ts';

function prove(nodes: RedisNodes, ...options: readonly string[]): Process {
  const urls = nodes.gateways.map(({ edge }) => `http://127.0.0.1:${String(edge)}`).join(',');
  const { configPath } = nodes.node(0);
  return new Process(['prove-revocation', '--config', configPath, '--nodes', urls, ...options]);
}

async function liveSessions(nodes: RedisNodes): Promise<number> {
  return await nodes.node(0).metric('portcullis_sessions');
}

describe('portcullis prove-revocation', () => {
  test('proves two nodes, with figures for programs and for people, and leaves nothing', async () => {
    await using redis = await RedisServer.start();
    await using nodes = await RedisNodes.start(redis);
    const forPrograms = prove(nodes, '--sessions', '20', '--connections', '2', '--format', 'json');
    expect(await forPrograms.exit).toEqual({ code: 0, signal: null });
    const figures: unknown = JSON.parse(forPrograms.stdout);
    expect(figures).toMatchObject({
      verdict: 'proven',
      sessions: 20,
      connections: 2,
      staleAccepts: 0,
      unacknowledged: 0,
      stalenessMs: 1_000,
      lastRefusalMs: { p50: expect.any(Number), p99: expect.any(Number), max: expect.any(Number) },
    });
    const forPeople = prove(nodes, '--sessions', '3', '--connections', '1');
    expect((await forPeople.exit).code).toBe(0);
    expect(forPeople.stdout).toMatch(/^3 sessions.*\n(?:.*\n)+Proven: /);
    expect(await liveSessions(nodes)).toBe(0);
  });

  test('finds nodes that acknowledge and go on accepting', async () => {
    await using copy = await PatchedCopy.make([
      {
        file: 'src/coherence/follower.ts',
        from: 'this.#replica?.apply(entry);',
        to: '',
      },
    ]);
    await using redis = await RedisServer.start();
    await using nodes = await RedisNodes.start(redis, { options: { root: copy.root } });
    const proof = prove(nodes, '--sessions', '1', '--connections', '1', '--format', 'json');
    expect((await proof.exit).code).toBe(1);
    const figures: unknown = JSON.parse(proof.stdout);
    expect(figures).toMatchObject({ verdict: 'failed', staleAccepts: expect.any(Number) });
    expect(figures).not.toMatchObject({ staleAccepts: 0 });
  });

  test('ends what it opened when it is interrupted', async () => {
    await using redis = await RedisServer.start();
    await using nodes = await RedisNodes.start(redis);
    const proof = prove(nodes, '--sessions', '100000', '--connections', '1');
    await waitFor(
      'a session of the proof',
      async () => (await redis.command('EXISTS', '{gw}:log')) === 1,
    );
    proof.signal('SIGINT');
    expect(await proof.exit).toEqual({ code: 130, signal: null });
    expect(proof.stdout).toContain('sessions, ended one after the other');
    expect(await liveSessions(nodes)).toBe(0);
  });

  test('says what keeps it from being tried', async () => {
    await using redis = await RedisServer.start();
    await using other = await RedisServer.start();
    await using nodes = await RedisNodes.start(redis, { count: 1 });
    await using strangers = await RedisNodes.start(other, { count: 1 });
    const { configPath } = nodes.node(0);
    const url = `http://127.0.0.1:${String(strangers.node(0).edge)}`;
    const wrong = new Process(['prove-revocation', '--config', configPath, '--nodes', url]);
    expect((await wrong.exit).code).toBe(1);
    expect(wrong.stderr).toMatch(/answers 401 to a live session: is it a node of this config/);
    const unused = new Process(['prove-revocation', '--config', configPath]);
    expect((await unused.exit).code).toBe(2);
    expect(unused.stderr).toContain('needs --nodes');
    expect(await liveSessions(nodes)).toBe(0);
  });
});
