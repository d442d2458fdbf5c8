import net, { type Socket } from 'node:net';
import { AnswerMeter } from './answer-meter.ts';
import type { StormPlan } from './storm-plan.ts';
import { bytesToSend, writeRequest } from './storm-request.ts';

/** How a request of the storm ended, as its client saw it. */
export type StormEnd =
  /** The whole answer came. */
  | { readonly kind: 'answered'; readonly status: number; readonly socket: Socket | null }
  /** The client left, as planned. */
  | { readonly kind: 'left' }
  /** The gateway broke the connection, with or without a part of an answer. */
  | { readonly kind: 'broken' }
  /** Nothing happened for so long that somebody must have forgotten the request. */
  | { readonly kind: 'hung' };

export interface StormClientOptions {
  readonly port: number;
  readonly cookie: string;
  readonly hungAfterMs: number;
  /** A connection left over from an earlier request. */
  readonly socket: Socket | null;
  /** Where to connect from: a client address has only so many ports. */
  readonly localAddress: string;
}

/** How long a client that leaves while it waits goes on waiting, at most. */
const waitMs = 8;

/** Plays one request of the storm from its first byte to its end. */
class StormClient {
  readonly #plan: StormPlan;
  readonly #socket: Socket;
  readonly #meter = new AnswerMeter();
  readonly #request: Buffer;
  readonly #sendBytes: number;
  readonly #leaveAfterBytes: number;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #outcome = Promise.withResolvers<StormEnd>();
  #received = 0;
  #hasLeft = false;

  constructor(plan: StormPlan, options: StormClientOptions) {
    this.#plan = plan;
    const request = writeRequest(plan, options.cookie);
    this.#request = request.bytes;
    this.#sendBytes = bytesToSend(plan, request);
    const wouldCome = plan.answerBytes + 100;
    this.#leaveAfterBytes = plan.cut === 'response' ? 1 + plan.cutShare * wouldCome : Infinity;
    this.#socket = options.socket ?? this.#connect(options);
    this.#timers.push(setTimeout(() => this.#end({ kind: 'hung' }), options.hungAfterMs));
  }

  run(): Promise<StormEnd> {
    const socket = this.#socket;
    socket.on('data', (bytes) => {
      if (typeof bytes !== 'string') this.#take(bytes);
    });
    socket.on('error', () => {});
    socket.on('close', () => this.#end({ kind: this.#hasLeft ? 'left' : 'broken' }));
    this.#send(0);
    return this.#outcome.promise;
  }

  #connect(options: StormClientOptions): Socket {
    const { port, localAddress } = options;
    return net.connect({ host: '127.0.0.1', port, localAddress, noDelay: true });
  }

  /** Writes piece after piece; leaves, or begins to wait, behind the last one. */
  #send(from: number): void {
    const pieceBytes = Math.ceil(this.#sendBytes / this.#plan.pieces);
    const to = Math.min(from + pieceBytes, this.#sendBytes);
    this.#socket.write(this.#request.subarray(from, to), () => {
      if (to < this.#sendBytes) setImmediate(() => this.#send(to));
      else this.#sent();
    });
  }

  #sent(): void {
    const { cut, cutShare } = this.#plan;
    if (cut === 'head' || cut === 'body') this.#leave();
    if (cut === 'waiting') {
      this.#timers.push(setTimeout(() => this.#leave(), cutShare * waitMs));
    }
  }

  #take(bytes: Buffer): void {
    this.#received += bytes.length;
    if (this.#received >= this.#leaveAfterBytes) {
      this.#leave();
      return;
    }
    this.#meter.take(bytes);
    if (!this.#meter.isComplete || this.#hasLeft) return;
    const isKept = this.#plan.isKept && this.#plan.body === 'none' && this.#meter.isConnectionKept;
    const { status } = this.#meter;
    this.#end({ kind: 'answered', status, socket: isKept ? this.#socket : null });
  }

  #leave(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    if (this.#plan.end === 'reset') this.#socket.resetAndDestroy();
    else if (this.#plan.end === 'close') this.#socket.destroy();
    // A half-close: the other side has to end the connection, with an answer or without.
    else this.#socket.end();
  }

  #end(end: StormEnd): void {
    for (const timer of this.#timers) clearTimeout(timer);
    // The next request on this connection brings its own.
    for (const name of ['data', 'close', 'error']) this.#socket.removeAllListeners(name);
    const isKept = end.kind === 'answered' && end.socket !== null;
    if (!isKept) this.#socket.on('error', () => {}).destroy();
    this.#outcome.resolve(end);
  }
}

export function playRequest(plan: StormPlan, options: StormClientOptions): Promise<StormEnd> {
  return new StormClient(plan, options).run();
}
