import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { deliverLent } from '../../../src/wire/lent-delivery.ts';
import type { SocketTaker } from '../../../src/wire/socket-taker.ts';
import { waitFor } from '../../support/wait-for.ts';

class Taker implements SocketTaker {
  readonly pieces: string[] = [];
  readonly buffers = new Set<ArrayBufferLike>();
  isDone = false;
  isClosed = false;

  received(bytes: Buffer, start: number, end: number): void {
    this.pieces.push(bytes.toString('latin1', start, end));
    this.buffers.add(bytes.buffer);
  }

  drained(): void {}

  clientEnded(): void {
    this.isDone = true;
  }

  clientClosed(): void {
    this.isClosed = true;
  }

  cut(): void {}
}

class Scene implements AsyncDisposable {
  readonly takers: Taker[] = [];
  readonly sockets: net.Socket[] = [];
  readonly #server: net.Server;
  readonly #clients: net.Socket[] = [];

  constructor(change: (accepted: net.Socket) => void = () => {}) {
    const options = { allowHalfOpen: true, pauseOnConnect: true };
    this.#server = net.createServer(options, (accepted) => {
      change(accepted);
      const taker = new Taker();
      this.takers.push(taker);
      this.sockets.push(deliverLent(accepted, { taker }));
    });
  }

  async client(): Promise<net.Socket> {
    if (!this.#server.listening) {
      this.#server.listen(0, '127.0.0.1');
      await once(this.#server, 'listening');
    }
    const count = this.takers.length;
    const { port } = this.#server.address() as AddressInfo; // bound to a port above
    const client = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.#clients.push(client);
    await waitFor('the connection', () => this.takers.length > count);
    return client;
  }

  get connections(): Promise<number> {
    return new Promise((resolve) => this.#server.getConnections((_error, count) => resolve(count)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of [...this.#clients, ...this.sockets]) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

describe('reads of accepted connections', () => {
  it('all go into one buffer, and each connection gets its own octets', async () => {
    await using scene = new Scene();
    const clients = [await scene.client(), await scene.client(), await scene.client()];
    for (const round of ['a', 'b', 'c']) {
      for (const [index, client] of clients.entries()) {
        const before = scene.takers[index]?.pieces.length ?? 0;
        client.write(`${round}${String(index)}`);
        await waitFor('the octets', () => (scene.takers[index]?.pieces.length ?? 0) > before);
      }
    }
    expect(scene.takers.map(({ pieces }) => pieces)).toEqual([
      ['a0', 'b0', 'c0'],
      ['a1', 'b1', 'c1'],
      ['a2', 'b2', 'c2'],
    ]);
    expect(new Set(scene.takers.flatMap(({ buffers }) => [...buffers])).size).toBe(1);
  });

  it.each([
    ['the handle is where it used to be', () => {}],
    ['there is no such handle', (accepted: net.Socket) => hide(accepted)],
  ])('come with all that happens, where %s', async (_where, change) => {
    await using scene = new Scene(change);
    const client = await scene.client();
    const [taker] = scene.takers;
    const [socket] = scene.sockets;
    client.write('asked');
    await waitFor('the octets', () => taker?.pieces.join('') === 'asked');
    socket?.pause();
    socket?.resume();
    client.end('last');
    await waitFor('the FIN', () => taker?.isDone === true);
    expect(taker?.pieces.join('')).toBe('askedlast');
    expect(socket?.remoteAddress).toBe('127.0.0.1');
    const answer = once(client, 'data');
    socket?.end('answer'); // half-open: the client's FIN ended nothing
    expect(String((await answer)[0])).toBe('answer');
    await waitFor('the end', () => taker?.isClosed === true);
    expect(await scene.connections).toBe(0);
  });
});

/** As a runtime would be that calls it something else. */
function hide(accepted: net.Socket): void {
  const handle: unknown = Reflect.get(accepted, '_handle');
  if (typeof handle === 'object' && handle !== null) {
    Object.defineProperty(handle, 'useUserBuffer', { value: undefined });
  }
}
