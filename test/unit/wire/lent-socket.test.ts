import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LentSocket } from '../../../src/wire/lent-socket.ts';
import { ReadBuffer, READ_BYTES_MAX } from '../../../src/wire/read-buffer.ts';
import { Fetch, poolTo } from '../../support/upstream-parts.ts';
import { waitFor } from '../../support/wait-for.ts';

/** As much as a Unix socket takes in one write, so that it is all there when the other side reads for the first time. */
const SENT = 170_000;
const USUAL = new ReadBuffer().room.length;
/** An answer for which it is worth it. */
const LONG = 4 * SENT;

/** A server at a path of its own, in this process: what it sends in one turn is read in a later one. */
class Server implements AsyncDisposable {
  readonly #directory = mkdtempSync(join(tmpdir(), 'portcullis-lent-'));
  readonly path = join(this.#directory, 'upstream.sock');
  readonly #server: net.Server;
  readonly sockets: net.Socket[] = [];

  private constructor(onRequest: (socket: net.Socket) => void) {
    this.#server = net.createServer((socket) => {
      this.sockets.push(socket);
      socket.on('data', () => onRequest(socket));
    });
  }

  static async open(onRequest: (socket: net.Socket) => void = () => {}): Promise<Server> {
    const server = new Server(onRequest);
    server.#server.listen(server.path);
    await once(server.#server, 'listening');
    return server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
    rmSync(this.#directory, { recursive: true });
  }
}

describe('one read of a socket', () => {
  it('takes as much as usual, and more while a long body passes', async () => {
    await using server = await Server.open();
    const reads: number[] = [];
    const told: boolean[] = [];
    const buffer = new ReadBuffer();
    const socket = new LentSocket(buffer, {}, (bytes, start, end) => {
      expect(bytes).toBe(buffer.bytes);
      expect(bytes.toString('latin1', start, end)).toBe('x'.repeat(end - start));
      reads.push(end - start);
      const isLong = told.shift();
      if (isLong !== undefined) socket.readLong(isLong);
    });
    socket.connect({ path: server.path });
    await waitFor('the connection', () => server.sockets.length > 0);
    const total = (): number => reads.reduce((sum, one) => sum + one, 0);

    server.sockets[0]?.write('x'.repeat(SENT));
    await waitFor('the first octets', () => total() === SENT);
    expect(reads).toEqual([USUAL, USUAL, SENT - 2 * USUAL]);

    told.push(true, false);
    server.sockets[0]?.write('x'.repeat(SENT));
    await waitFor('the next', () => total() === 2 * SENT);
    expect(reads.slice(3)).toEqual([USUAL, SENT - USUAL]);

    server.sockets[0]?.write('x'.repeat(SENT));
    await waitFor('the last', () => total() === 3 * SENT);
    expect(reads.slice(5)).toEqual([USUAL, USUAL, SENT - 2 * USUAL]);
    expect(SENT - USUAL).toBeLessThan(READ_BYTES_MAX);
    socket.destroy();
  });

  it('of a long answer takes more for a client who can have only one, and as much as usual for the next', async () => {
    const lengths = [LONG, LONG, SENT, SENT];
    await using server = await Server.open((socket) => {
      const length = lengths.shift() ?? 0;
      socket.write(
        `HTTP/1.1 200 OK\r\nContent-Length: ${String(length)}\r\n\r\n${'y'.repeat(length)}`,
      );
    });
    const pool = poolTo(0, { socketPath: server.path });
    const longest: boolean[] = [];
    for (const takesLongReads of [true, false, true, false]) {
      const fetch = new Fetch(pool, { takesLongReads });
      expect(await fetch.outcome()).toBe('ended');
      longest.push(Math.max(...fetch.pieces) > USUAL);
    }
    expect(longest).toEqual([true, false, false, false]);
    expect(server.sockets).toHaveLength(1);
    pool.stop();
  });
});
