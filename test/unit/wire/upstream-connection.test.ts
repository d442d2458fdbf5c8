import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { TurnEnd } from '../../../src/wire/turn-end.ts';
import { Fetch, poolTo } from '../../support/upstream-parts.ts';
import { RecordingUpstream } from '../../support/recording-upstream.ts';
import { waitFor } from '../../support/wait-for.ts';

const post = (size: number): string =>
  `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${String(size)}\r\n\r\n`;

async function pausedUpstream(): Promise<RecordingUpstream> {
  return await RecordingUpstream.start({ accept: ({ socket }) => socket.pause() });
}

/** An exchange whose body is more than the kernel takes, but for its last `missing` octets. */
async function blocked({ port }: RecordingUpstream, mebibytes: number, missing: number) {
  const pool = poolTo(port);
  const size = mebibytes * 1024 * 1024;
  const fetch = new Fetch(pool, { head: post(size), hasBody: true });
  await waitFor('the connection', () => fetch.connection !== null);
  const { connection } = fetch;
  connection?.send(Buffer.alloc(size), 0, size - missing);
  expect(connection?.flush()).toBe(false);
  return { connection, fetch, pool };
}

describe('the deadline of an upstream connection in the middle of a body', () => {
  it('runs while the server takes nothing of it, also after the client held up the answer', async () => {
    await using upstream = await pausedUpstream();
    const { connection, pool } = await blocked(upstream, 32, 0);
    expect(connection?.deadlineMs).toBeLessThan(Infinity);
    connection?.pause();
    expect(connection?.deadlineMs, 'the client is waited for').toBe(Infinity);
    connection?.resume();
    expect(connection?.deadlineMs, 'the server is waited for').toBeLessThan(Infinity);
    connection?.abandon();
    pool.stop();
  });

  it('begins anew while the server takes some of it', async () => {
    await using upstream = await pausedUpstream();
    const { connection, fetch, pool } = await blocked(upstream, 32, 1);
    const socket = upstream.connections[0]?.socket;
    let taken = 0;
    socket?.on('data', (piece: Buffer) => {
      taken += piece.length;
      if (taken > 12 * 1024 * 1024) socket.pause();
    });
    socket?.resume();
    await waitFor('a part of it', () => taken > 12 * 1024 * 1024);
    connection?.expire();
    for (let turns = 0; turns < 10; turns++) await turn();
    expect(connection?.isOpen).toBe(true);
    await waitFor('the end', () => {
      connection?.expire();
      return connection?.isOpen === false;
    });
    expect(await fetch.outcome()).toBe('idle-timeout');
    pool.stop();
  });

  it('does not run while there is room and the client sends nothing', async () => {
    await using upstream = await pausedUpstream();
    const { connection, fetch, pool } = await blocked(upstream, 8, 1);
    expect(connection?.deadlineMs).toBeLessThan(Infinity);
    upstream.connections[0]?.socket.resume();
    await waitFor('room', () => fetch.drains > 0);
    expect(connection?.deadlineMs).toBe(Infinity);
    connection?.send(Buffer.alloc(1), 0, 1);
    connection?.end();
    expect(await fetch.outcome()).toBe('ended');
    pool.stop();
  });
});

describe('what a server sends before anything was asked of it', () => {
  it('is no answer to a request that waits for the end of its turn', async () => {
    await using upstream = await RecordingUpstream.start();
    const pool = poolTo(upstream.port);
    expect(await new Fetch(pool).outcome()).toBe('ended');
    const usual = TurnEnd.shared;
    TurnEnd.shared = new EndlessTurn();
    try {
      const fetch = new Fetch(pool);
      expect(fetch.connection).not.toBeNull();
      const foreign = 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsomebody ';
      upstream.connections[0]?.socket.write(foreign);
      expect(await fetch.outcome()).toBe('closed');
      expect(fetch.text).toBe('');
      expect(fetch.connection?.hasAnswerBegun, 'it may be sent again').toBe(false);
      expect(upstream.connections).toHaveLength(1);
    } finally {
      TurnEnd.shared = usual;
      pool.stop();
    }
  });
});

class EndlessTurn extends TurnEnd {
  override takes(): boolean {
    return true;
  }
}
