import { describe, expect, it } from 'vitest';
import type { Gateway } from '../../support/gateway.ts';
import { logIn } from '../../support/login.ts';
import { RawClient } from '../../support/raw-client.ts';
import { get, logOut, RedisNodes } from '../../support/redis-nodes.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { agrees, closing, handshake, readFrames } from '../../support/web-socket.ts';

async function openedAt(node: Gateway, nodes: RedisNodes, cookie: string): Promise<RawClient> {
  nodes.upstream.answer = agrees();
  const client = await RawClient.connect(node.edge);
  client.write(handshake('/live', [`Cookie: ${cookie}`]));
  expect(await client.informational()).toBe(101);
  return client;
}

function closeOf(client: RawClient): readonly [number, string] {
  const frames = readFrames(client.pending).frames;
  return closing(frames.at(-1)?.payload ?? Buffer.alloc(2));
}

describe('a WebSocket on another node', () => {
  it('is told 4401 when its session ends', async () => {
    await using redis = await RedisServer.start();
    await using nodes = await RedisNodes.start(redis);
    const [a, b] = [nodes.node(0), nodes.node(1)];
    const login = await logIn(a.edge);
    const kept = await logIn(a.edge);
    const ended = await openedAt(b, nodes, login.cookie);
    const other = await openedAt(b, nodes, kept.cookie);
    expect((await logOut(a.edge, login)).status).toBe(200);
    await waitFor('the close', () => ended.pending.length > 0);
    expect(closeOf(ended)).toEqual([4401, 'session revoked']);
    expect(other.pending.length).toBe(0);
    expect((await get(b.edge, kept, '/auth/session')).status).toBe(200);
    ended.reset();
    other.reset();
  });

  it('goes on through a short outage, and is cut when nobody could vouch for it for too long', async () => {
    await using redis = await RedisServer.start();
    await using nodes = await RedisNodes.start(redis, {
      count: 1,
      coherence: { staleness: '1s', pollInterval: '200ms', settle: '200ms', streamGrace: '2s' },
    });
    const node = nodes.node(0);
    const login = await logIn(node.edge);
    const client = await openedAt(node, nodes, login.cookie);
    redis.signal('SIGSTOP');
    await waitFor(
      'the lease to end',
      async () => (await node.metric('portcullis_coherence_state', 'state="isolated"')) === 1,
    );
    expect(client.pending.length).toBe(0);
    redis.signal('SIGCONT');
    await waitFor(
      'the recovery',
      async () => (await node.metric('portcullis_coherence_state', 'state="coherent"')) === 1,
    );
    expect(client.pending.length).toBe(0);
    redis.signal('SIGSTOP');
    await waitFor('the cut', () => client.pending.length > 0, 10_000);
    expect(closeOf(client)[0]).toBe(1013);
    redis.signal('SIGCONT');
    client.end();
    await waitFor(
      'the count',
      async () =>
        (await node.metric('portcullis_streams_closed_total', 'reason="unconfirmed"')) === 1,
    );
  });
});
