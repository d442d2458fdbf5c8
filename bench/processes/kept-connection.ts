import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { answerIn } from './answer-in.ts';

export interface KeptAnswer {
  readonly status: number;
  readonly head: string;
}

/**
 * A connection to a gateway that is kept, and so stays with the worker that it came to. What is asked before an answer is
 * there is sent all the same: answers come in order.
 */
export class KeptConnection {
  readonly #socket: Socket;
  readonly #waiting: { resolve(answer: KeptAnswer): void; reject(error: Error): void }[] = [];
  #received: Buffer = Buffer.alloc(0);
  #failure: Error | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket
      .on('data', (bytes: Buffer) => this.#take(bytes))
      .on('end', () => this.#fail(new Error('a gateway closed a connection')))
      .on('error', (error) => this.#fail(error))
      .on('close', () => this.#fail(new Error('a connection to a gateway closed')));
  }

  static async open(port: number): Promise<KeptConnection> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new KeptConnection(socket);
  }

  /** Of our side: names the connection to the kernel. */
  get localPort(): number {
    return this.#socket.localPort ?? 0;
  }

  get underWay(): number {
    return this.#waiting.length;
  }

  /** A whole request; rejects when the connection ends before its answer. */
  ask(request: string): Promise<KeptAnswer> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    const { promise, reject, resolve } = Promise.withResolvers<KeptAnswer>();
    this.#waiting.push({ resolve, reject });
    this.#socket.write(request, 'latin1');
    return promise;
  }

  close(): void {
    this.#failure ??= new Error('closed');
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    let rest = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    for (let answer = answerIn(rest); answer !== null; answer = answerIn(rest)) {
      rest = rest.subarray(answer.end);
      this.#waiting.shift()?.resolve({ status: answer.status, head: answer.head });
    }
    this.#received = rest;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#socket.destroy();
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}

/** A request without a body. */
export function requestText(path: string, cookie: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\n\r\n`;
}
