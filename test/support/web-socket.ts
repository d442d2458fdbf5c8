import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocketServer, type WebSocket as ServerSocket, type ServerOptions } from 'ws';
import { scheme } from './lane.ts';
import type { Answer } from './recording-upstream.ts';
import { request } from './request.ts';
import { within } from './wait-for.ts';

/** RFC 6455 §1.3's own example. */
export const sampleKey = 'dGhlIHNhbXBsZSBub25jZQ==';

export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

/** The fields of an opening handshake. */
export const handshakeLines: readonly string[] = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  `Sec-WebSocket-Key: ${sampleKey}`,
];

/** Of a page of the host `a`, which came as the clients of this lane do. */
export const pageOrigin = `${scheme}://a`;

/** An opening handshake by that page. */
export function handshake(target: string, lines: readonly string[] = []): string {
  return request('GET', target, [...handshakeLines, `Origin: ${pageOrigin}`, ...lines]);
}

export const switching = (key = sampleKey, lines = ''): string =>
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  `Sec-WebSocket-Accept: ${acceptOf(key)}\r\n${lines}\r\n`;

/** Agrees to whatever key came, and writes these frames behind it. */
export function agrees(lines = '', frames: Buffer = Buffer.alloc(0)): Answer {
  return ({ connection, request: received }) => {
    const [key = ''] = received.values('sec-websocket-key');
    connection.write(Buffer.concat([Buffer.from(switching(key, lines), 'latin1'), frames]));
  };
}

export interface Frame {
  readonly opcode: number;
  readonly isFinal: boolean;
  readonly payload: Buffer;
}

export function frame(
  opcode: number,
  payload: Buffer | string,
  options: { isFinal?: boolean; mask?: Buffer } = {},
): Buffer {
  const bytes = Buffer.from(payload);
  const { length } = bytes;
  const long = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const head = Buffer.alloc(2 + long);
  head[0] = ((options.isFinal ?? true) ? 0x80 : 0) | opcode;
  head[1] = (options.mask ? 0x80 : 0) | (long === 0 ? length : long === 2 ? 126 : 127);
  if (long === 2) head.writeUInt16BE(length, 2);
  else if (long === 8) head.writeBigUInt64BE(BigInt(length), 2);
  const { mask } = options;
  if (mask === undefined) return Buffer.concat([head, bytes]);
  for (let at = 0; at < length; at++) bytes[at] = (bytes[at] ?? 0) ^ (mask[at & 3] ?? 0);
  return Buffer.concat([head, mask, bytes]);
}

/** The unmasked frames at the beginning of the bytes, and what is left. */
export function readFrames(bytes: Buffer): { frames: Frame[]; rest: Buffer } {
  const frames: Frame[] = [];
  let rest = bytes;
  while (rest.length >= 2) {
    const [first = 0, second = 0] = rest;
    const code = second & 0x7f;
    const start = code < 126 ? 2 : code === 126 ? 4 : 10;
    if (rest.length < start) break;
    const length =
      code < 126 ? code : code === 126 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2));
    if (rest.length < start + length) break;
    frames.push({
      opcode: first & 0x0f,
      isFinal: (first & 0x80) !== 0,
      payload: rest.subarray(start, start + length),
    });
    rest = rest.subarray(start + length);
  }
  return { frames, rest };
}

/** The code and the reason of a close frame. */
export function closing(payload: Buffer): [code: number, reason: string] {
  return [payload.readUInt16BE(0), payload.toString('utf8', 2)];
}

/** A real WebSocket server that sends every message back, and keeps the handshakes that it saw. */
export class EchoServer implements AsyncDisposable {
  readonly handshakes: IncomingMessage[] = [];
  readonly sockets: ServerSocket[] = [];
  readonly #server: WebSocketServer;

  private constructor(options: ServerOptions) {
    this.#server = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options });
    this.#server.on('connection', (socket, message) => {
      this.handshakes.push(message);
      this.sockets.push(socket);
      socket.on('message', (bytes, isBinary) => socket.send(bytes, { binary: isBinary }));
      socket.on('error', () => {});
    });
  }

  static async start(options: ServerOptions = {}): Promise<EchoServer> {
    const server = new EchoServer(options);
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return address.port;
  }

  get openCount(): number {
    return this.#server.clients.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    const ending = once(this.#server, 'close');
    this.#server.close();
    await ending;
  }
}

/** A browser's WebSocket, as far as Node has it: opened by a page of the gateway's own origin. */
export async function openWebSocket(
  port: number,
  path: string,
  options: {
    cookie?: string;
    protocols?: string[];
    origin?: string;
    fields?: Readonly<Record<string, string>>;
  } = {},
): Promise<WebSocket> {
  const { cookie, fields, origin, protocols } = options;
  const authority = `127.0.0.1:${String(port)}`;
  const socket = new WebSocket(`ws://${authority}${path}`, {
    headers: {
      origin: origin ?? `http://${authority}`,
      ...fields,
      ...(cookie === undefined ? {} : { cookie }),
    },
    ...(protocols === undefined ? {} : { protocols }),
  });
  socket.binaryType = 'arraybuffer';
  const { promise, reject, resolve } = Promise.withResolvers<void>();
  socket.addEventListener('open', () => resolve());
  socket.addEventListener('error', () => reject(new Error('the WebSocket did not open')));
  await within('the WebSocket to open', promise);
  return socket;
}

/** The next message. */
export async function nextMessage(socket: WebSocket, ms?: number): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  socket.addEventListener('message', (event: MessageEvent) => resolve(event.data), { once: true });
  return await within('a message', promise, ms);
}

/** How the socket was closed. */
export function closed(socket: WebSocket, ms?: number): Promise<{ code: number; reason: string }> {
  const { promise, resolve } = Promise.withResolvers<{ code: number; reason: string }>();
  socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason }));
  return within('the WebSocket to close', promise, ms);
}
