import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AdminConfig } from '../config/admin.ts';
import { METRICS_CONTENT_TYPES } from '../observability/metrics-content-types.ts';
import type { Metrics } from '../observability/prometheus.ts';
import { metricsFormatOf } from './metrics-format.ts';
import { ConsoleDoor, type ConsoleDoorParts } from './console-door.ts';
import { HostGate } from './host-gate.ts';
import type { UpstreamsReport } from './upstreams-report.ts';
import type { ReadinessReport } from './readiness.ts';
import { nodeHttp } from '../lib/node-http.ts';

export interface AdminParts {
  readonly config: AdminConfig;
  readonly readiness: { report(): ReadinessReport | Promise<ReadinessReport> };
  readonly metrics: Metrics;
  /** What is known of the servers behind. */
  readonly upstreams: () => UpstreamsReport | Promise<UpstreamsReport>;
  /** For staff who log in; null, or nothing: there is none. */
  readonly desk?: Omit<ConsoleDoorParts, 'hosts' | 'isSecure'> | null;
  /** Hears why a scrape failed, which the answer does not say, and what befell the listening socket. */
  readonly onFault?: (error: unknown) => void;
}

/**
 * Every limit is said, whatever Node's defaults become. The callers are probes and scrapers: they ask little, often,
 * over few connections.
 */
const limits = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
  insecureHTTPParser: false,
  requireHostHeader: true,
  noDelay: true,
} as const;
const connectionsMax = 128;
const pagesText = 'Here are /livez, /readyz, /upstreams, /metrics and /console.\n';
const misdirectedText = 'No browser is answered under this name: admin.hosts does not have it.\n';
const requestsPerConnectionMax = 10_000;

/**
 * The operators' port. Health and metrics know nobody and ask for no password: it belongs on an address that only
 * operators reach. The console behind it asks who it is.
 */
export class AdminServer {
  readonly name = 'admin port';
  readonly #parts: AdminParts;
  readonly #server: Server;
  readonly #hosts: HostGate;
  readonly #desk: ConsoleDoor | null;

  constructor(parts: AdminParts) {
    const { config, desk } = parts;
    this.#parts = parts;
    this.#hosts = new HostGate(config.hosts);
    this.#desk = desk
      ? new ConsoleDoor({ ...desk, hosts: this.#hosts, isSecure: config.isSecure })
      : null;
    this.#server = nodeHttp.createServer(limits, (request, response) => {
      void this.#serve(request, response);
    });
    this.#server.maxHeadersCount = 0; // the head is bounded by its size; a cap would drop fields silently
    this.#server.maxConnections = connectionsMax;
    this.#server.maxRequestsPerSocket = requestsPerConnectionMax;
    this.#server.timeout = 30_000;
  }

  /** The bound port, once started: the configured one may be 0. */
  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return address.port;
  }

  /** Rejects with the system's error if the address cannot be had. */
  async start(): Promise<void> {
    const { host, port } = this.#parts.config;
    this.#server.listen({ host, port });
    await once(this.#server, 'listening');
    // Out of descriptors, say: a probe is lost, the process is not.
    this.#server.on('error', (error) => this.#parts.onFault?.(error));
  }

  /** Idempotent. Ends what is under way: nothing here is worth waiting for. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const path = pathOf(request.url ?? '');
      if (this.#desk !== null && ConsoleDoor.owns(path)) {
        await this.#desk.serve(request, response);
      } else if (this.#isLedAstray(request)) {
        send(response, 421, 'text/plain; charset=utf-8', misdirectedText);
      } else {
        // A body means nothing here: Node reads it away after the answer, within `requestTimeout`.
        await this.#answer(request, path, response);
      }
    } catch (error) {
      this.#parts.onFault?.(error);
      if (response.headersSent) response.destroy();
      else send(response, 500, 'text/plain; charset=utf-8', 'It failed; the log says why.\n');
    }
  }

  /** A browser under a name that anybody may own. Probes and scrapers are none, and use what names they like. */
  #isLedAstray({ headers, socket }: IncomingMessage): boolean {
    const language = headers['accept-language'];
    const isBrowser =
      (language !== undefined && !isNodeFetch(headers)) ||
      headers['sec-fetch-site'] !== undefined ||
      headers.origin !== undefined;
    return isBrowser && this.#hosts.admits([headers.host ?? ''], socket.localAddress) === null;
  }

  async #answer(request: IncomingMessage, path: string, response: ServerResponse): Promise<void> {
    const { method = '' } = request;
    const { readiness, upstreams } = this.#parts;
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      send(response, 405, 'text/plain; charset=utf-8', 'Only GET and HEAD are served here.\n');
      return;
    }
    switch (path) {
      case '/livez':
        send(response, 200, 'text/plain; charset=utf-8', 'live\n');
        return;
      case '/readyz': {
        const report = await readiness.report();
        send(
          response,
          report.isReady ? 200 : 503,
          'application/json',
          `${JSON.stringify(report)}\n`,
        );
        return;
      }
      case '/metrics':
        await this.#sendMetrics(request.headers.accept, response);
        return;
      case '/upstreams':
        send(response, 200, 'application/json', `${JSON.stringify(await upstreams())}\n`);
        return;
      default:
        send(response, 404, 'text/plain; charset=utf-8', pagesText);
    }
  }

  async #sendMetrics(accept: string | undefined, response: ServerResponse): Promise<void> {
    const { metrics, onFault } = this.#parts;
    const format = metricsFormatOf(accept);
    response.setHeader('Vary', 'Accept');
    try {
      send(response, 200, METRICS_CONTENT_TYPES[format], await metrics.text(format));
    } catch (error) {
      onFault?.(error);
      send(response, 500, 'text/plain; charset=utf-8', 'The metrics could not be read.\n');
    }
  }
}

/**
 * Node's `fetch` says `*` by itself, and a mode. A script can have a browser say `*`, but no field that begins with
 * `Sec-`; and a browser that says one of these says all of them.
 */
function isNodeFetch(headers: IncomingMessage['headers']): boolean {
  return headers['accept-language'] === '*' && headers['sec-fetch-mode'] === 'cors';
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, {
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(body);
}
