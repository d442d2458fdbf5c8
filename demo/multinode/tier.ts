import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { mainExtLine } from '../../src/observability/access-text.ts';

/** What a tier says to a request. */
export type TierAnswer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server behind the gateways: it answers, and writes one line for each request. */
export class Tier implements AsyncDisposable {
  readonly name: string;
  readonly #write: (line: string) => void;
  readonly #more: (request: IncomingMessage) => string;
  readonly #usual: TierAnswer;
  #server: Server | null = null;
  /** In the place of the usual one. */
  answer: TierAnswer | null = null;
  count = 0;

  /** `more`: what its log lines have behind those of others. */
  constructor(
    name: string,
    usual: TierAnswer,
    more: (request: IncomingMessage) => string,
    write: (line: string) => void,
  ) {
    this.name = name;
    this.#usual = usual;
    this.#more = more;
    this.#write = write;
  }

  async start(port: number): Promise<void> {
    const server = createServer((request, response) => this.#serve(request, response));
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    this.count += 1;
    const startMs = performance.now();
    let bytesOut = 0;
    const end = response.end.bind(response);
    response.end = (body?: unknown) => {
      bytesOut = typeof body === 'string' ? Buffer.byteLength(body) : 0;
      return typeof body === 'string' ? end(body) : end();
    };
    response.once('close', () => {
      const { headers, httpVersion, method, socket, url } = request;
      const durationMs = performance.now() - startMs;
      const host = (headers.host ?? '').replace(/:\d+$/, '');
      const line = mainExtLine({
        ...{
          timeMs: performance.timeOrigin + startMs,
          traceId: '',
          requestId: randomBytes(16).toString('hex'),
        },
        ...{ client: socket.remoteAddress ?? '', listener: this.name, method: method ?? '' },
        ...{ path: url ?? '', route: null, status: response.statusCode, bytesIn: 0, bytesOut },
        ...{ durationMs, upstream: null, user: null, session: null, outcome: 'ok' },
        request: {
          line: `${method ?? ''} ${url ?? ''} HTTP/${httpVersion}`,
          referer: headers.referer ?? '',
          userAgent: headers['user-agent'] ?? '',
          forwardedFor: String(headers['x-forwarded-for'] ?? ''),
          ...{ host, isHttp2: false, upstreamStatus: 0, upstreamMs: 0, cacheStatus: '' },
        },
      });
      this.#write(line + this.#more(request));
    });
    (this.answer ?? this.#usual)(request, response);
  }
}
