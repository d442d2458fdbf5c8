import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { UpstreamBudget } from '../../../src/wire/upstream-budget.ts';
import { Fetch, poolTo } from '../../support/upstream-parts.ts';
import { RecordingUpstream, chunked, respond } from '../../support/recording-upstream.ts';
import { waitFor } from '../../support/wait-for.ts';

describe('a pool of upstream connections', () => {
  it('gives the same one to exchanges that follow one another', async () => {
    await using upstream = await RecordingUpstream.start();
    const pool = poolTo(upstream.port);
    for (let round = 0; round < 3; round++) {
      const fetch = new Fetch(pool);
      expect(await fetch.outcome()).toBe('ended');
      expect(fetch.text).toBe('ok');
    }
    expect(upstream.connections).toHaveLength(1);
    pool.stop();
  });

  it('opens another one rather than give one that has ended and not closed yet', async () => {
    await using upstream = await RecordingUpstream.start();
    const pool = poolTo(upstream.port);
    const first = new Fetch(pool);
    expect(await first.outcome()).toBe('ended');
    upstream.connections[0]?.socket.end();
    // A turn of the event loop reads the FIN, runs what waits in `turn`, and only then says that the socket has closed.
    await waitForTurn(() => first.connection?.isUsable === false);
    expect(pool.counters.idle, 'the dead one is still among the idle ones').toBe(1);
    const second = new Fetch(pool, { head: 'POST / HTTP/1.1\r\nHost: a\r\n\r\n' });
    expect(second.connection).toBeNull();
    expect(await second.outcome()).toBe('ended');
    expect(second.connection).not.toBe(first.connection);
    await waitFor('the dead one to be forgotten', () => pool.counters.open === 1);
    expect(pool.counters.idle).toBe(1);
    pool.stop();
  });
});

describe.each([
  ['a length', respond(200, [], 'hello')],
  ['chunks', chunked(['hello'])],
])('a connection whose client was blocked when an answer with %s ended', (_kind, answer) => {
  const blocked = { onPiece: (connection: { pause(): void }) => connection.pause() };

  it('reads the next answer when it has waited in the pool', async () => {
    await using upstream = await RecordingUpstream.start({ answer });
    const pool = poolTo(upstream.port);
    expect(await new Fetch(pool, blocked).outcome()).toBe('ended');
    expect(pool.counters.idle).toBe(1);
    expect(await new Fetch(pool).outcome()).toBe('ended');
    expect(upstream.connections).toHaveLength(1);
    pool.stop();
  });

  it('reads the next answer when somebody waited in line for it', async () => {
    await using upstream = await RecordingUpstream.start({ answer });
    const pool = poolTo(upstream.port, { connectionsMax: 1 });
    const first = new Fetch(pool, blocked);
    const second = new Fetch(pool);
    expect(pool.counters.waiting).toBe(1);
    expect(await first.outcome()).toBe('ended');
    expect(await second.outcome()).toBe('ended');
    expect(upstream.connections).toHaveLength(1);
    pool.stop();
  });

  it('is seen to close while it waits', async () => {
    await using upstream = await RecordingUpstream.start({ answer });
    const pool = poolTo(upstream.port);
    expect(await new Fetch(pool, blocked).outcome()).toBe('ended');
    upstream.connections[0]?.socket.end();
    await waitFor('it to leave the pool', () => pool.counters.open === 0);
    expect(pool.counters.idle).toBe(0);
    pool.stop();
  });
});

describe('pools that share what a process has of descriptors', () => {
  it('let the oldest idle connection of the richest go, not more than one for each that is opened', async () => {
    await using rich = await RecordingUpstream.start();
    await using poor = await RecordingUpstream.start();
    const budget = new UpstreamBudget(3);
    const pools = [poolTo(rich.port, { budget }), poolTo(poor.port, { budget })] as const;
    const two = [new Fetch(pools[0]), new Fetch(pools[0])];
    for (const fetch of two) expect(await fetch.outcome()).toBe('ended');
    expect(await new Fetch(pools[1]).outcome()).toBe('ended');
    expect(pools.map((pool) => pool.counters.open)).toEqual([2, 1]);
    const more = [new Fetch(pools[1]), new Fetch(pools[1])];
    for (const fetch of more) expect(await fetch.outcome()).toBe('ended');
    await waitFor('room to be made', () => pools[0].counters.open === 1);
    expect(pools.map((pool) => pool.counters.open)).toEqual([1, 2]);
    expect(pools.map((pool) => pool.counters.idle)).toEqual([1, 2]);
    expect(two[1]?.connection?.isUsable, 'the one that was used last').toBe(true);
    for (const pool of pools) pool.stop();
  });

  it('open what is needed where nothing idles', async () => {
    await using upstream = await RecordingUpstream.start();
    const pool = poolTo(upstream.port, { budget: new UpstreamBudget(1) });
    const both = [new Fetch(pool), new Fetch(pool)];
    for (const fetch of both) expect(await fetch.outcome()).toBe('ended');
    expect(upstream.connections).toHaveLength(2);
    pool.stop();
  });
});

/** Looks once in every turn of the event loop, between its reads and its closings. */
async function waitForTurn(condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition(); turns++) {
    if (turns > 1_000_000) throw new Error('waited in vain');
    await turn();
  }
}
