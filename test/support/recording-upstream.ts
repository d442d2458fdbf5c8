import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { bodyRule, readBody, readHead, UnreadableMessage, valuesOf } from './http-reader.ts';
import type { FieldLines, Message } from './http-reader.ts';
import { waitFor } from './wait-for.ts';

/** One request as an upstream that reads strictly sees it. */
export interface ReceivedRequest extends Message {
  readonly method: string;
  readonly target: string;
  /** The bytes of the head, blank line included. */
  readonly head: string;
  values(name: string): string[];
}

/** What an answer is given: the request it answers, and the connection to answer on. */
export interface Turn {
  readonly request: ReceivedRequest;
  readonly connection: ReceivedConnection;
  /** How many requests came to this upstream before, on all connections. */
  readonly number: number;
}

/** Writes what it likes, when it likes. */
export type Answer = (turn: Turn) => void | Promise<void>;

/** One connection: every byte that came, and what they mean. */
export class ReceivedConnection {
  readonly socket: Socket;
  readonly requests: ReceivedRequest[] = [];
  /** How the peer left: `end` with a FIN, `reset` otherwise; null while it is there. */
  left: 'end' | 'reset' | null = null;
  isClosed = false;
  #pieces: Buffer[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
  }

  push(piece: Buffer): void {
    this.#pieces.push(piece);
  }

  /** All that ever came, byte for byte. */
  bytes(): Buffer {
    const all = Buffer.concat(this.#pieces);
    this.#pieces = [all];
    return all;
  }

  text(): string {
    return this.bytes().toString('latin1');
  }

  write(bytes: string | Buffer): void {
    if (!this.socket.destroyed) this.socket.write(toBytes(bytes));
  }
}

export interface UpstreamOptions {
  /** Answers requests; a list answers them in order and repeats its last. Default: 200 with `ok`. */
  readonly answer?: Answer | readonly Answer[];
  /** When the answer begins: after the whole request (default) or after its head. */
  readonly answersAt?: 'end' | 'head';
  /** Called with every connection before a byte is read. */
  readonly accept?: (connection: ReceivedConnection) => void;
  readonly port?: number;
  /** Where it listens, if not at 127.0.0.1. */
  readonly host?: string;
  /** A Unix socket in place of host and port. */
  readonly path?: string;
}

function toBytes(bytes: string | Buffer): Buffer {
  return typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
}

/** An upstream on a bare socket: it records the exact bytes and answers by script. */
export class RecordingUpstream {
  readonly connections: ReceivedConnection[] = [];
  /** What no strict reader could make sense of. A gateway that writes canonical heads leaves this empty. */
  readonly problems: string[] = [];
  readonly #server: Server;
  readonly #answersAt: 'end' | 'head';
  #answers: readonly Answer[];
  #answered = 0;

  private constructor(options: UpstreamOptions) {
    this.#answersAt = options.answersAt ?? 'end';
    this.#answers = [];
    this.answer = options.answer ?? ok();
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      const connection = new ReceivedConnection(socket);
      this.connections.push(connection);
      options.accept?.(connection);
      this.#serve(connection);
    });
  }

  static async start(options: UpstreamOptions = {}): Promise<RecordingUpstream> {
    const upstream = new RecordingUpstream(options);
    if (options.path === undefined) {
      upstream.#server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
    } else upstream.#server.listen(options.path);
    await once(upstream.#server, 'listening');
    return upstream;
  }

  get port(): number {
    const address: string | AddressInfo | null = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the upstream is closed');
    return address.port;
  }

  /** Another script, from the next request on. */
  set answer(answer: Answer | readonly Answer[]) {
    this.#answers = typeof answer === 'function' ? [answer] : answer;
    this.#answered = 0;
  }

  /** All requests, in the order in which they came. */
  readonly requests: ReceivedRequest[] = [];

  /** The only request that ever came; fails if there were none or more. */
  get onlyRequest(): ReceivedRequest {
    const [first, ...more] = this.requests;
    if (first === undefined || more.length > 0) {
      throw new Error(`${String(this.requests.length)} requests instead of one`);
    }
    return first;
  }

  async requestCount(count: number): Promise<void> {
    await waitFor(`${String(count)} requests`, () => this.requests.length >= count);
  }

  /** Waits until these bytes have come on some connection. */
  async requestBytes(text: string): Promise<void> {
    await waitFor(`${JSON.stringify(text)} at the upstream`, () =>
      this.connections.some((connection) => connection.text().includes(text)),
    );
  }

  /** Waits until the peer has left every connection that there ever was. */
  async allClosed(ms?: number): Promise<void> {
    await waitFor(
      'the upstream connections to close',
      () => this.connections.every((connection) => connection.isClosed || connection.left !== null),
      ms,
    );
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const { socket } of this.connections) socket.resetAndDestroy();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #serve(connection: ReceivedConnection): void {
    const { socket } = connection;
    let read = 0;
    let isAnswering = false;
    const next = (): void => {
      if (isAnswering || socket.destroyed) return;
      const request = this.#readRequest(connection, read);
      if (request === null) return;
      read += request.bytes;
      connection.requests.push(request.message);
      this.requests.push(request.message);
      isAnswering = true;
      void this.#give({ request: request.message, connection, number: this.#answered }).then(() => {
        isAnswering = false;
        if (this.#answersAt === 'end') next();
      });
    };
    socket.on('data', (piece: Buffer) => {
      connection.push(piece);
      next();
    });
    socket.on('end', () => {
      connection.left ??= 'end';
      if (!isAnswering) socket.end();
    });
    socket.on('error', () => {
      connection.left ??= 'reset';
    });
    socket.on('close', () => {
      connection.isClosed = true;
    });
  }

  async #give(turn: Turn): Promise<void> {
    const answer = this.#answers[Math.min(this.#answered, this.#answers.length - 1)];
    this.#answered += 1;
    await answer?.(turn);
  }

  #readRequest(
    connection: ReceivedConnection,
    from: number,
  ): { message: ReceivedRequest; bytes: number } | null {
    const isHeadOnly = this.#answersAt === 'head';
    // Where the answer begins at the head, the body is the script's affair, and so is what follows.
    if (isHeadOnly && connection.requests.length > 0) return null;
    const bytes = connection.bytes().subarray(from);
    try {
      const head = readHead(bytes);
      if (head === null) return null;
      const framing = bodyRule(head.fields, 'none');
      const rule = isHeadOnly ? 'none' : framing;
      const body = readBody(bytes.subarray(head.bytes), rule, head.fields, false);
      if (body === null) return null;
      return {
        bytes: head.bytes + body.bytes,
        message: received(bytes.toString('latin1', 0, head.bytes), { ...head, ...body, framing }),
      };
    } catch (cause) {
      this.problems.push(String(cause));
      connection.socket.resetAndDestroy();
      return null;
    }
  }
}

function received(head: string, message: Message): ReceivedRequest {
  const { startLine, fields, body, trailers, framing } = message;
  const words = /^([A-Z-]+) (\S+) HTTP\/1\.1$/.exec(startLine);
  if (words === null) throw new UnreadableMessage(`request line ${JSON.stringify(startLine)}`);
  return {
    method: words[1] ?? '',
    target: words[2] ?? '',
    startLine,
    fields,
    body: Buffer.from(body),
    trailers,
    framing,
    head,
    values: (name) => valuesOf(fields, name),
  };
}

function lines(fields: FieldLines): string {
  return fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
}

/** A whole answer with a length. */
export function respond(
  status: number,
  fields: FieldLines = [],
  body: string | Buffer = '',
): Answer {
  const bytes = toBytes(body);
  const head = `HTTP/1.1 ${String(status)} Scripted\r\n${lines(fields)}Content-Length: ${String(bytes.length)}\r\n\r\n`;
  return ({ connection, request }) => {
    connection.write(
      request.method === 'HEAD' ? head : Buffer.concat([Buffer.from(head, 'latin1'), bytes]),
    );
  };
}

/** 200 with the body `ok`. */
export function ok(): Answer {
  return respond(200, [], 'ok');
}

/** These bytes, whatever they mean. */
export function raw(bytes: string | Buffer): Answer {
  return ({ connection }) => {
    connection.write(bytes);
  };
}

/** These bytes, then a FIN. */
export function rawThenEnd(bytes: string | Buffer): Answer {
  return ({ connection }) => {
    connection.socket.end(toBytes(bytes));
  };
}

/** A chunked answer, each piece a chunk, with optional trailer lines. */
export function chunked(
  pieces: readonly (string | Buffer)[],
  fields: FieldLines = [],
  trailers: FieldLines = [],
): Answer {
  return ({ connection }) => {
    connection.write(`HTTP/1.1 200 OK\r\n${lines(fields)}Transfer-Encoding: chunked\r\n\r\n`);
    for (const piece of pieces.map(toBytes)) {
      if (piece.length === 0) continue;
      connection.write(`${piece.length.toString(16)}\r\n`);
      connection.write(piece);
      connection.write('\r\n');
    }
    connection.write(`0\r\n${lines(trailers)}\r\n`);
  };
}

/** Nothing for a while, then the answer. */
export function after(ms: number, answer: Answer): Answer {
  return async (turn) => {
    await pause(ms);
    await answer(turn);
  };
}

/** The first bytes, a pause, the rest. */
export function slowly(first: string | Buffer, ms: number, rest: string | Buffer): Answer {
  return async ({ connection }) => {
    connection.write(first);
    await pause(ms);
    connection.write(rest);
  };
}

/** No answer at all. */
export function never(): Answer {
  return () => new Promise<void>(() => {});
}

/** These bytes, if any, then a RST. */
export function reset(bytes: string | Buffer = ''): Answer {
  return async ({ connection }) => {
    if (bytes.length > 0) {
      connection.write(bytes);
      // A RST overtakes what the kernel still holds; let the bytes arrive first.
      await pause(50);
    }
    connection.socket.resetAndDestroy();
  };
}

/** An answer that announces its end, then the end. */
export function closing(status: number, body: string): Answer {
  return rawThenEnd(
    `HTTP/1.1 ${String(status)} Scripted\r\nConnection: close\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`,
  );
}
