import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { upgradeFailureOf } from './upgrade-failure.ts';
import type { UpgradeOrder } from './upgrade-order.ts';
import { UpgradePort, type UpgradePortOwner } from './upgrade-port.ts';
import type { UpstreamFailure } from './upstream-failure.ts';
import { readyEvent } from './upstream-socket.ts';

/** The upgrade, as far as its upstream's side needs it. */
export interface UpgradeUpstreamOwner {
  /** The handshake is on its way; with TLS, once that is agreed. */
  upstreamConnected(): void;
  /** Text of a head, or octets, from the upstream; `done` asks for the next piece. */
  written(piece: Buffer | string, done: () => void): void;
  /** The upstream will send no more. */
  upstreamEnded(): void;
  /** Its connection has gone. */
  upstreamClosed(): void;
  /** The connection has gone before an answer other than 101 was whole. */
  answerBroken(): void;
  /** May be told more than once. */
  upstreamFailed(failure: UpstreamFailure): void;
  /** Room for more of what the client sends. */
  wanted(): void;
}

/** The server's side of an upgrade: the library's request, and the socket or the answer that comes of it. */
export class UpgradeUpstream implements UpgradePortOwner {
  isConnected = false;
  readonly #owner: UpgradeUpstreamOwner;
  readonly #order: UpgradeOrder;
  readonly #port = new UpgradePort(this);
  #request: ClientRequest | null = null;
  #socket: Socket | null = null;
  #answer: IncomingMessage | null = null;
  /** There is a server at the address; with TLS that is only the beginning. */
  #isReached = false;
  #isEnded = false;
  #isClosed = false;
  #isAbandoned = false;

  constructor(owner: UpgradeUpstreamOwner, order: UpgradeOrder) {
    this.#owner = owner;
    this.#order = order;
  }

  /** It has sent all that it had, and its connection has gone. */
  get isOver(): boolean {
    return this.#isEnded && this.#isClosed;
  }

  begin(): void {
    this.#order.carrier.carry(this.#order, this.#port, (error) => {
      const state = { isReached: this.#isReached, isConnected: this.isConnected };
      this.#owner.upstreamFailed(upgradeFailureOf(error, state));
    });
  }

  /** What the client sends; null is its end. False: no room, `wanted` will follow. */
  push(piece: Buffer | null): boolean {
    return this.#port.push(piece);
  }

  pauseAnswer(): void {
    this.#answer?.pause();
  }

  resumeAnswer(): void {
    this.#answer?.resume();
  }

  abandon(): void {
    this.#isAbandoned = true;
    this.#request?.destroy();
    this.#socket?.destroy();
    this.#port.destroy();
  }

  // ── The library's side ─────────────────────────────────────────────────────────────────────────────────────────────

  requested(request: ClientRequest): void {
    this.#request = request;
    request.once('socket', (socket) => {
      socket.once('connect', () => {
        this.#isReached = true;
      });
      socket.once(readyEvent(this.#order.address), () => {
        this.isConnected = true;
        this.#owner.upstreamConnected();
      });
    });
    request.once('upgrade', (_head: IncomingMessage, socket: Socket) => {
      this.#socket = socket;
      if (this.#isAbandoned) socket.destroy();
      socket.once('close', () => {
        this.#isClosed = true;
        this.#owner.upstreamClosed();
      });
    });
    request.once('response', (answer: IncomingMessage) => {
      this.#answer = answer;
      // The library waits for an end that does not come then.
      answer.once('close', () => {
        if (!answer.complete) this.#owner.answerBroken();
      });
    });
  }

  written(piece: Buffer | string, done: () => void): void {
    this.#owner.written(piece, done);
  }

  upstreamEnded(): void {
    this.#isEnded = true;
    this.#owner.upstreamEnded();
  }

  wanted(): void {
    this.#owner.wanted();
  }
}
