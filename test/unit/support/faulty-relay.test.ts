import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { FaultyRelay } from '../../support/coherence/faulty-relay.ts';
import { waitFor } from '../../support/wait-for.ts';

interface Scene extends AsyncDisposable {
  readonly relay: FaultyRelay;
  /** What the server has received, in order, over all connections. */
  readonly received: string[];
  dial(): Promise<Peer>;
}

interface Peer {
  readonly socket: Socket;
  /** What came back. */
  text: string;
}

/** An echo server behind a relay. */
async function scene(): Promise<Scene> {
  const received: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (piece) => {
      received.push(piece.toString());
      socket.write(piece);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const relay = await FaultyRelay.start(() => port);
  return {
    relay,
    received,
    dial: async () => {
      const socket = connect({ port: relay.port, host: '127.0.0.1' });
      const peer: Peer = { socket, text: '' };
      socket.on('error', () => {});
      socket.on('data', (piece) => (peer.text += piece.toString()));
      await once(socket, 'connect');
      sockets.add(socket);
      return peer;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await relay[Symbol.asyncDispose]();
      server.close();
    },
  };
}

async function hears(peer: Peer, text: string): Promise<void> {
  await waitFor(`the echo ${text}`, () => peer.text === text);
}

describe('the relay', () => {
  test('passes everything on while nothing is done to it', async () => {
    await using own = await scene();
    const peer = await own.dial();
    peer.socket.write('hello');
    await hears(peer, 'hello');
    expect([own.relay.count, own.relay.connections.length]).toEqual([1, 1]);
    peer.socket.end();
    await waitFor('the end to be passed on', () => own.relay.connections.length <= 1);
  });

  test('holds one direction and lets the other pass, and gives what it held in order', async () => {
    await using own = await scene();
    const peer = await own.dial();
    own.relay.hold(['down']);
    peer.socket.write('one');
    await waitFor('the server to hear', () => own.received.join('') === 'one');
    peer.socket.write('two');
    await waitFor('the server to hear', () => own.received.join('') === 'onetwo');
    expect(peer.text).toBe('');
    own.relay.heal();
    await hears(peer, 'onetwo');
  });

  test('holds those that come later, too, and one connection alone where it is told so', async () => {
    await using own = await scene();
    const first = await own.dial();
    first.socket.write('a');
    await hears(first, 'a');
    own.relay.hold(['up'], ({ index }) => index === 1);
    const second = await own.dial();
    second.socket.write('b');
    await hears(second, 'b');
    own.relay.hold(['up']);
    const third = await own.dial();
    first.socket.write('A');
    third.socket.write('C');
    own.relay.heal();
    await hears(first, 'aA');
    await hears(third, 'C');
  });

  test('delays without changing the order of a connection', async () => {
    await using own = await scene();
    const peer = await own.dial();
    own.relay.delay(20, 20);
    const before = performance.now();
    for (const piece of ['1', '2', '3']) peer.socket.write(piece);
    await hears(peer, '123');
    expect(performance.now() - before).toBeGreaterThanOrEqual(40);
  });

  test('cuts and refuses connections', async () => {
    await using own = await scene();
    const peer = await own.dial();
    peer.socket.write('a');
    await hears(peer, 'a');
    const closed = once(peer.socket, 'close');
    own.relay.refuse();
    own.relay.cut();
    await closed;
    const refused = connect({ port: own.relay.port, host: '127.0.0.1' }).on('error', () => {});
    // Not `once` of node:events, which takes the error for its own.
    await new Promise((resolve) => refused.once('close', resolve));
    expect(own.relay.count).toBe(1);
    own.relay.heal();
    const again = await own.dial();
    again.socket.write('b');
    await hears(again, 'b');
  });
});
