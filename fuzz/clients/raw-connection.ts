import { connect, type Socket } from 'node:net';
import { connect as connectSecurely, createSecureContext } from 'node:tls';
import type { Door, Leaving } from '../cases/fuzz-case.ts';
import { EDGE_NAMES } from '../gateway/certificates.ts';
import type { Ports } from '../gateway/settings.ts';
import { ANSWER_MS, CASE_MS, type Received } from './received.ts';

export interface Script {
  readonly door: Door;
  readonly localAddress: string;
  readonly protocol: 'http/1.1' | 'h2';
  readonly bytes: Buffer;
  readonly cuts: readonly number[];
  readonly leaving: Leaving;
  /** How long a client that waits for an answer does so. */
  readonly patienceMs?: number;
  /** Called with each piece that came; true: the client has what it waited for. */
  readonly heard: (piece: Buffer, say: (bytes: Buffer) => void) => boolean;
}

/** One for all: to make one costs more than a handshake. */
const secureContext = createSecureContext();

/** Says the octets of a script on a connection of its own, and tells what came back. */
export class RawConnection {
  readonly #script: Script;
  readonly #below: Socket;
  readonly #socket: Socket;
  readonly #pieces: Buffer[] = [];
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #done = Promise.withResolvers<Received>();
  #hasFin = false;
  #isReset = false;
  #isStuck = false;
  #isConnected = false;
  #hasLeft = false;
  #hasSaidAll = false;
  #hasHeard = false;

  private constructor(ports: Ports, script: Script) {
    this.#script = script;
    const { door, localAddress } = script;
    const port = ports[door];
    const host = '127.0.0.1';
    this.#below = connect({ port, host, localAddress, noDelay: true, allowHalfOpen: true });
    this.#socket = door === 'secure' ? this.#secured(script.protocol) : this.#below;
    const socket = this.#socket;
    socket
      .on(door === 'secure' ? 'secureConnect' : 'connect', () => this.#connected())
      .on('data', (piece: Buffer) => this.#received(piece))
      .on('end', () => {
        this.#hasFin = true;
        socket.end();
      })
      .on('error', () => {
        this.#isReset = true;
      })
      .on('close', () => this.#closed());
    this.#timers.push(
      setTimeout(() => {
        this.#isStuck = true;
        socket.destroy();
        this.#below.destroy();
      }, CASE_MS),
    );
  }

  static run(ports: Ports, script: Script): Promise<Received> {
    return new RawConnection(ports, script).#done.promise;
  }

  #secured(protocol: Script['protocol']): Socket {
    // A socket that fails below is told above; without a listener of its own it would end the process.
    this.#below.on('error', () => {});
    return connectSecurely({
      socket: this.#below,
      secureContext,
      rejectUnauthorized: false,
      servername: EDGE_NAMES[0],
      ALPNProtocols: [protocol],
    });
  }

  #connected(): void {
    this.#isConnected = true;
    const { bytes, cuts } = this.#script;
    const pieces: Buffer[] = [];
    let from = 0;
    for (const cut of cuts) {
      pieces.push(bytes.subarray(from, cut));
      from = cut;
    }
    pieces.push(bytes.subarray(from));
    this.#say(pieces, 0);
  }

  /** Piece by piece, with a turn of the event loop between them. */
  #say(pieces: readonly Buffer[], at: number): void {
    const piece = pieces[at];
    if (this.#socket.destroyed) return;
    if (piece === undefined) {
      this.#saidAll();
      return;
    }
    if (piece.length > 0) this.#socket.write(piece);
    setImmediate(() => this.#say(pieces, at + 1));
  }

  #saidAll(): void {
    this.#hasSaidAll = true;
    const { leaving } = this.#script;
    if (leaving === 'fin' || (leaving === 'answer' && this.#hasHeard)) this.#leave();
    else if (leaving === 'answer')
      this.#timers.push(setTimeout(() => this.#leave(), this.#script.patienceMs ?? ANSWER_MS));
    else if (leaving === 'reset') this.#reset();
  }

  #leave(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#socket.end();
  }

  #reset(): void {
    this.#hasLeft = true;
    // Whatever was said last gets a chance to arrive.
    setImmediate(() => this.#below.resetAndDestroy());
  }

  #received(piece: Buffer): void {
    this.#pieces.push(piece);
    const hasEnough = this.#script.heard(piece, (bytes) => {
      if (!this.#socket.destroyed && !this.#hasLeft) this.#socket.write(bytes);
    });
    if (!hasEnough) return;
    this.#hasHeard = true;
    // Not in this turn: a socket of TLS that is ended while it hands over what came loses the rest of it.
    if (this.#hasSaidAll && this.#script.leaving === 'answer') setImmediate(() => this.#leave());
  }

  #closed(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    let end: Received['end'] = this.#hasFin && !this.#isReset ? 'fin' : 'reset';
    if (this.#isStuck) end = 'stuck';
    else if (!this.#isConnected) end = 'unconnected';
    this.#below.destroy();
    this.#done.resolve({ text: Buffer.concat(this.#pieces).toString('latin1'), end });
  }
}
