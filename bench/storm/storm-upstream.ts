import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { UpstreamDeed } from './storm-plan.ts';

const lateMs = 20;
const filler = Buffer.alloc(1_000_001, 'x');

/** What the path asks for: `/api/storm/<deed>/<bytes>`. */
function deedOf(path: string): { deed: string; bytes: number } {
  const [, , , deed = '', bytes = '0'] = path.split('/');
  return { deed, bytes: Number(bytes) };
}

type Deed = (request: IncomingMessage, response: ServerResponse, bytes: number) => void;

/** Does it when the whole request body is there. */
function afterBody(request: IncomingMessage, act: () => void): void {
  request.on('end', act);
  request.on('error', () => {});
  request.resume();
}

function answer(response: ServerResponse, bytes: number): void {
  response.setHeader('Content-Length', bytes);
  response.end(filler.subarray(0, bytes));
}

function answerChunked(response: ServerResponse, bytes: number): void {
  response.write(filler.subarray(0, Math.floor(bytes / 2)));
  setImmediate(() => response.end(filler.subarray(0, Math.ceil(bytes / 2))));
}

function socketOf(request: IncomingMessage): Socket {
  return request.socket;
}

/** Writes bytes of its own past node:http, then breaks the connection. */
function breakAfter(request: IncomingMessage, text: string, isReset: boolean): void {
  const socket = socketOf(request);
  socket.write(text, () => (isReset ? socket.resetAndDestroy() : socket.destroySoon()));
}

const halfHead = 'HTTP/1.1 200 OK\r\nContent-Ty';

function halfBody(bytes: number): string {
  const half = filler.toString('latin1', 0, Math.floor(bytes / 2));
  return `HTTP/1.1 200 OK\r\nContent-Length: ${bytes}\r\n\r\n${half}`;
}

const deeds: Readonly<Record<Exclude<UpstreamDeed, 'refuse'>, Deed>> = {
  answer: (request, response, bytes) => afterBody(request, () => answer(response, bytes)),
  'answer-chunked': (request, response, bytes) =>
    afterBody(request, () => answerChunked(response, bytes)),
  'answer-early': (_request, response, bytes) => answer(response, bytes),
  'answer-late': (request, response, bytes) =>
    afterBody(request, () => setTimeout(() => answer(response, bytes), lateMs)),
  silence: (request) => afterBody(request, () => {}),
  'close-at-head': (request) => socketOf(request).destroy(),
  'reset-at-head': (request) => socketOf(request).resetAndDestroy(),
  'close-in-head': (request) => breakAfter(request, halfHead, false),
  'reset-in-head': (request) => breakAfter(request, halfHead, true),
  'close-in-body': (request, _response, bytes) => breakAfter(request, halfBody(bytes), false),
  'reset-in-body': (request, _response, bytes) => breakAfter(request, halfBody(bytes), true),
};

/** An upstream that does to each request what its path says. */
export class StormUpstream {
  readonly port: number;
  readonly #server: http.Server;

  private constructor(server: http.Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async start(): Promise<StormUpstream> {
    const server = http.createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 });
    server.on('request', (request, response) => {
      response.on('error', () => {});
      request.on('error', () => {});
      const { deed, bytes } = deedOf(request.url ?? '');
      const act = Object.hasOwn(deeds, deed) ? deeds[deed as keyof typeof deeds] : deeds.answer;
      act(request, response, bytes);
    });
    server.on('clientError', (_error, socket) => socket.destroy());
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port was given');
    return new StormUpstream(server, address.port);
  }

  /** Connections that a gateway still holds open. */
  openConnections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    if (this.#server.listening) await once(this.#server, 'close');
  }
}
