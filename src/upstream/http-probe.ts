import { isIPv6 } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { buildConnector, Client } from 'undici';
import type { HealthConfig } from '../config/health.ts';
import type { HealthProbe, ProbeFinding } from './health-check.ts';

/** Of the answer's body: nobody reads it, and it must not be endless. */
const BODY_BYTES_MAX = 65_536;

/** Where a probe asks. */
export interface ProbeTarget {
  readonly host: string;
  readonly port: number;
  readonly socketPath: string | null;
  /** Null: clear text. */
  readonly tls: Pick<
    ConnectionOptions,
    'secureContext' | 'rejectUnauthorized' | 'servername'
  > | null;
  /** What the Host field says. */
  readonly authority: string;
}

/** Asks over HTTP, on a connection of its own each time: that a server takes connections is half the question. */
export class HttpProbe implements HealthProbe {
  readonly #config: HealthConfig;
  readonly #client: Client;
  readonly #authority: string;

  constructor(config: HealthConfig, target: ProbeTarget) {
    const { authority, host, port, socketPath, tls } = target;
    this.#config = config;
    this.#authority = config.host ?? authority;
    const place =
      socketPath === null ? `${isIPv6(host) ? `[${host}]` : host}:${port}` : 'localhost';
    const connector = buildConnector({
      ...tls,
      ...(socketPath !== null && { socketPath }),
      timeout: config.timeoutMs,
      allowH2: false,
      maxCachedSessions: 0, // a session that is resumed is not verified again
    });
    this.#client = new Client(`${tls === null ? 'http' : 'https'}://${place}`, {
      allowH2: false,
      pipelining: 0, // no connection is kept
      connectTimeout: config.timeoutMs,
      headersTimeout: config.timeoutMs,
      bodyTimeout: config.timeoutMs,
      maxHeaderSize: 16_384,
      connect: (options, callback) => {
        // The library would ask for the name in the Host field, and take a certificate for that.
        connector({ ...options, servername: tls?.servername ?? '' }, callback);
      },
    });
  }

  async ask(): Promise<ProbeFinding> {
    const { path, statusMax, statusMin, timeoutMs } = this.#config;
    try {
      const { body, statusCode } = await this.#client.request({
        method: 'GET',
        path,
        headers: { host: this.#authority, 'user-agent': 'portcullis-health' },
        signal: AbortSignal.timeout(timeoutMs),
      });
      // To its end: a server that stops in the middle of an answer is no good.
      let bytes = 0;
      for await (const piece of body) {
        bytes += Buffer.isBuffer(piece) ? piece.length : 0;
        if (bytes > BODY_BYTES_MAX) break;
      }
      return {
        isGood: statusCode >= statusMin && statusCode <= statusMax,
        reason: `status ${statusCode}`,
      };
    } catch (error) {
      return { isGood: false, reason: reasonOf(error) };
    }
  }

  close(): void {
    this.#client.destroy().catch(() => {}); // what it had begun is of no interest any more
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  if (error.name === 'TimeoutError') return 'timeout';
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' ? code : error.name;
}
