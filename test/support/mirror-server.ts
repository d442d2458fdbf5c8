import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';

/** One request that the mirror has begun to read, and whether its connection is still there. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  bytes: number;
  isOver: boolean;
}

/**
 * A real Node server that shows what it was sent: the fields of the request in a field of the answer, the body as the
 * body. A path that ends in `/hold` is never answered, one that ends in `/begin` is answered in part.
 */
export class MirrorServer implements AsyncDisposable {
  readonly seen: Seen[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request, response) => {
      void this.#serve(request, response);
    });
  }

  static async start(tls?: ServerOptions): Promise<MirrorServer> {
    const server = tls === undefined ? createServer() : createSecureServer(tls);
    const mirror = new MirrorServer(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return mirror;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return address.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '' } = request;
    const seen: Seen = { method, path, bytes: 0, isOver: false };
    this.seen.push(seen);
    request.on('error', () => {});
    response.on('close', () => {
      seen.isOver = true;
    });
    if (path.endsWith('/begin')) {
      response.writeHead(200, { 'content-length': '1000000' }).write(Buffer.alloc(100_000, 'x'));
      return;
    }
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => {
      pieces.push(piece);
      seen.bytes += piece.length;
    });
    const ending = once(request, 'end').catch(() => null);
    if ((await ending) === null || path.endsWith('/hold')) return;
    reflect(request, Buffer.concat(pieces), response);
  }
}

/** Fields of a request that go from end to end. */
const shown = ['accept', 'content-type', 'cookie', 'range', 'user-agent', 'x-custom'];

function reflect(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
  const { headers, method, url } = request;
  const fields = shown.map((name) => [name, headers[name] ?? null]);
  const digest = createHash('sha256').update(body).digest('hex');
  response.writeHead(method === 'POST' ? 201 : 207, [
    ...['Content-Type', 'application/octet-stream', 'ETag', `"${digest}"`],
    ...['X-Seen', JSON.stringify({ method, url, fields, bytes: body.length })],
    ...['Set-Cookie', 'app=1; Path=/', 'Set-Cookie', 'other=2', 'Cache-Control', 'no-cache'],
    ...['Vary', 'Accept', 'vary', 'Cookie', 'X-Empty', '', 'Content-Length', String(body.length)],
  ]);
  response.end(body);
}
