import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { claimSocketPath } from './socket-path.ts';
import { type ControlAnswer, type ControlOrder, readControlOrder } from './control-order.ts';
import { nodeHttp } from '../lib/node-http.ts';

export interface ControlParts {
  readonly path: string;
  readonly perform: (order: ControlOrder) => Promise<ControlAnswer>;
  /** Hears why an order could not be carried out, which the answer does not say. */
  readonly onFault: (error: unknown) => void;
}

/** Every limit is said. A reload answers when it is done, so answers may take long. */
const limits = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 1_000,
  insecureHTTPParser: false,
  requireHostHeader: true,
} as const;
const connectionsMax = 16;
const orderBytesMax = 64 * 1024;
const statusOf = { done: 200, refused: 409, unavailable: 503 } as const;

/** The operators' unix socket: who can open it is the user that the gateway runs as, and may do everything. */
export class ControlServer {
  readonly name = 'control socket';
  readonly #parts: ControlParts;
  readonly #server: Server;

  constructor(parts: ControlParts) {
    this.#parts = parts;
    this.#server = nodeHttp.createServer(limits, (request, response) => {
      void this.#serve(request, response);
    });
    this.#server.maxHeadersCount = 0;
    this.#server.maxConnections = connectionsMax;
  }

  /** Rejects with a sentence where the place is not safe or taken. */
  async start(): Promise<void> {
    await claimSocketPath(this.#parts.path);
    // The socket is born with these permissions: there is no moment in which somebody else could open it.
    const before = process.umask(0o177);
    try {
      this.#server.listen(this.#parts.path);
    } finally {
      process.umask(before);
    }
    await once(this.#server, 'listening');
    this.#server.on('error', this.#parts.onFault);
  }

  /** Idempotent. Node removes the socket with the server. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), 1_000);
    await closed;
    clearTimeout(timer);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const text = await bodyOf(request);
      const order = request.method === 'POST' && text !== null ? orderOf(text) : undefined;
      if (order === undefined)
        send(response, 400, { kind: 'refused', sentence: 'that is no order' });
      else {
        const answer = await this.#parts.perform(order);
        send(response, statusOf[answer.kind], answer);
      }
    } catch (error) {
      this.#parts.onFault(error);
      send(response, 500, { kind: 'unavailable', sentence: 'it failed; the log says why' });
    }
  }
}

/** Null: too long. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request) {
    if (!Buffer.isBuffer(piece)) return null;
    bytes += piece.length;
    if (bytes > orderBytesMax) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function orderOf(text: string): ControlOrder | undefined {
  try {
    return readControlOrder(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, status: number, answer: ControlAnswer): void {
  if (response.headersSent) return;
  const body = `${JSON.stringify(answer)}\n`;
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  });
  response.end(body);
}
