import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Timed } from './deadlines.ts';
import type { OpenConnection } from './open-connection.ts';
import type { SecuredPeer } from './secured-peer.ts';

/** A connection that is on its way to be secure: it holds a place at the listener, and a deadline. */
export class Handshake implements OpenConnection, Timed {
  deadlineMs = Infinity;
  readonly socket: Socket;
  /** The connection is gone before it was secure. */
  closed: () => void = () => {};
  readonly #opened: (socket: TLSSocket, secured: SecuredPeer) => void;
  readonly #door: { expired(): void; over(): void };
  #isOver = false;

  constructor(
    socket: Socket,
    opened: (socket: TLSSocket, secured: SecuredPeer) => void,
    door: { expired(): void; over(): void },
  ) {
    this.socket = socket;
    this.#opened = opened;
    this.#door = door;
    socket.on('error', () => {}).on('close', () => this.#close());
  }

  succeed(socket: TLSSocket, secured: SecuredPeer): void {
    if (!this.#end()) return;
    this.#opened(socket, secured);
  }

  expire(): void {
    this.deadlineMs = Infinity;
    this.#door.expired();
  }

  /** Nothing was asked yet, so nothing is lost. */
  drain(): void {
    this.destroy();
  }

  destroy(): void {
    this.socket.destroy();
  }

  #close(): void {
    if (this.#end()) this.closed();
  }

  #end(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#door.over();
    return true;
  }
}
