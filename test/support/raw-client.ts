import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectSecurely, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { setImmediate as turn } from 'node:timers/promises';
import { bodyRule, readBody, readHead, UnreadableMessage, valuesOf } from './http-reader.ts';
import type { BodyRule, Head, Message } from './http-reader.ts';
import { isSecurePort } from './secure-ports.ts';
import { waitFor, waitForValue, within } from './wait-for.ts';

/** One response as its bytes say. */
export interface RawResponse extends Message {
  readonly version: string;
  readonly status: number;
  readonly reason: string;
  /** The 1xx that came before it. */
  readonly informational: readonly Head[];
  value(name: string): string | undefined;
  values(name: string): string[];
  text(): string;
}

export interface ConnectOptions {
  readonly host?: string;
  /** Another loopback address to come from. */
  readonly localAddress?: string;
  /** Speaks TLS, with these options; without them it does where the listener does. Verifies nothing unless told. */
  readonly tls?: ConnectionOptions;
}

/** A client that writes bytes: what it sends is what the test says, never what a library makes of it. */
export class RawClient {
  readonly socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #pieces: Buffer[] = [];
  #left: 'end' | 'reset' | null = null;
  #wasReset = false;

  readonly #below: Socket;

  private constructor(socket: Socket, below: Socket) {
    this.socket = socket;
    this.#below = below;
    socket.on('data', (piece: Buffer) => {
      this.#pieces.push(piece);
    });
    socket.on('end', () => {
      this.#left ??= 'end';
    });
    socket.on('error', () => {
      this.#left ??= 'reset';
      this.#wasReset = true;
    });
    socket.on('close', () => {
      this.#left ??= 'end';
    });
  }

  static async connect(port: number, options: ConnectOptions = {}): Promise<RawClient> {
    const socket = connect({
      port,
      host: options.host ?? '127.0.0.1',
      noDelay: true,
      allowHalfOpen: true,
      ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
    });
    await within('the connection', once(socket, 'connect'));
    const tls = options.tls ?? (isSecurePort(port) ? {} : null);
    if (tls === null) return new RawClient(socket, socket);
    const secure = connectSecurely({ rejectUnauthorized: false, ...tls, socket });
    await within('the handshake', once(secure, 'secureConnect'));
    return new RawClient(secure, socket);
  }

  /** Of a client that speaks TLS. */
  get secure(): TLSSocket {
    if (!('alpnProtocol' in this.socket)) throw new Error('this client speaks clear text');
    return this.socket as TLSSocket; // what has the property is one
  }

  /** Bytes that came and that no response has used yet. */
  get pending(): Buffer {
    if (this.#pieces.length > 0) {
      this.#received = Buffer.concat([this.#received, ...this.#pieces]);
      this.#pieces = [];
    }
    return this.#received;
  }

  /** How the peer left; null while it is there. */
  get left(): 'end' | 'reset' | null {
    return this.#left;
  }

  /** The peer has reset the connection, perhaps after a FIN. */
  get wasReset(): boolean {
    return this.#wasReset;
  }

  write(bytes: string | Buffer): this {
    if (!this.socket.destroyed) {
      this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    }
    return this;
  }

  /** Writes each piece on its own, with a turn of the event loop between them. */
  async writePieces(pieces: Iterable<string | Buffer>): Promise<this> {
    for (const piece of pieces) {
      this.write(piece);
      if (this.socket.writableNeedDrain)
        await within('the client to drain', once(this.socket, 'drain'), 20_000);
      await turn();
    }
    return this;
  }

  /** The next final response. `method` is that of the request it answers: HEAD has no body. */
  async response(method = 'GET', ms = 10_000): Promise<RawResponse> {
    const informational: Head[] = [];
    for (;;) {
      const head = await this.#head(ms);
      const status = statusOf(head);
      if (status >= 200) return await this.#finish(head, status, method, informational, ms);
      if (status === 101) throw new UnreadableMessage('101 Switching Protocols');
      this.#use(head.bytes);
      informational.push(head);
    }
  }

  async responses(count: number, method = 'GET'): Promise<RawResponse[]> {
    const all: RawResponse[] = [];
    while (all.length < count) all.push(await this.response(method));
    return all;
  }

  /** Waits for a 1xx and takes it. */
  async informational(): Promise<number> {
    const head = await this.#head(10_000);
    const status = statusOf(head);
    if (status >= 200) throw new UnreadableMessage(`${head.startLine} instead of a 1xx`);
    this.#use(head.bytes);
    return status;
  }

  /** Waits until the peer has closed its side; says how. Bytes that came before stay in `pending`. */
  async closed(ms = 10_000): Promise<'end' | 'reset'> {
    await waitFor('the connection to close', () => this.#left !== null, ms);
    return this.#left ?? 'end';
  }

  /** A FIN: nothing more will be sent, answers are still read. */
  end(): this {
    this.socket.end();
    return this;
  }

  /** A RST. */
  reset(): void {
    this.#below.resetAndDestroy();
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    await turn();
  }

  #use(bytes: number): void {
    this.#received = this.pending.subarray(bytes);
  }

  #head(ms: number): Promise<Head> {
    return waitForValue(
      'the head of a response',
      () => {
        const head = readHead(this.pending);
        if (head === null && this.#left !== null) throw this.#cutOff('before a response');
        return head;
      },
      ms,
    );
  }

  #cutOff(where: string): UnreadableMessage {
    const rest = JSON.stringify(this.pending.toString('latin1', 0, 200));
    return new UnreadableMessage(`the connection ended (${String(this.#left)}) ${where}: ${rest}`);
  }

  async #finish(
    head: Head,
    status: number,
    method: string,
    informational: readonly Head[],
    ms: number,
  ): Promise<RawResponse> {
    const isBodyless = method === 'HEAD' || status === 204 || status === 304;
    const framing: BodyRule = isBodyless ? 'none' : bodyRule(head.fields, 'close');
    let seen = -1;
    const { body, trailers, bytes } = await waitForValue(
      `the body after ${head.startLine}`,
      () => {
        const left = this.#left;
        const rest = this.pending.subarray(head.bytes);
        if (rest.length === seen && left === null) return null;
        seen = rest.length;
        const read = readBody(rest, framing, head.fields, left === 'end');
        if (read === null && left !== null) throw this.#cutOff(`in the body of ${head.startLine}`);
        return read;
      },
      ms,
    );
    this.#use(head.bytes + bytes);
    const [version = '', , ...words] = head.startLine.split(' ');
    return {
      version,
      status,
      reason: words.join(' '),
      informational,
      startLine: head.startLine,
      fields: head.fields,
      framing,
      trailers,
      body: Buffer.from(body),
      value: (name) => valuesOf(head.fields, name)[0],
      values: (name) => valuesOf(head.fields, name),
      text: () => body.toString('utf8'),
    };
  }
}

function statusOf(head: Head): number {
  const match = /^HTTP\/1\.[01] ([1-5]\d\d) [\t\x20-\x7e\x80-\xff]*$/.exec(head.startLine);
  if (match === null) throw new UnreadableMessage(`status line ${JSON.stringify(head.startLine)}`);
  return Number(match[1]);
}

/** Connects, writes, reads one response, and leaves. */
export async function ask(
  port: number,
  bytes: string | Buffer,
  method?: string,
): Promise<RawResponse> {
  await using client = await RawClient.connect(port);
  const text = typeof bytes === 'string' ? bytes : bytes.toString('latin1', 0, 16);
  return await client.write(bytes).response(method ?? text.split(' ', 1)[0]);
}
