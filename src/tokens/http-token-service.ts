import { Pool } from 'undici';
import type { HttpTokenServiceConfig } from '../config/token-service.ts';
import type { Clock } from '../lib/clock.ts';
import type { TokenAnswer, TokenQuestion, TokenService } from './token-service.ts';
import { tokenOf } from './token-text.ts';

/** One call per key at a time; keys are many. */
const connectionsMax = 64;

/** Asks a service with GET, and tells it the key and nothing else of the client. */
export class HttpTokenService implements TokenService {
  readonly #config: HttpTokenServiceConfig;
  readonly #clock: Clock;
  readonly #pool: Pool;
  readonly #path: string;

  constructor(config: HttpTokenServiceConfig, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
    const { origin, pathname, search } = new URL(config.url);
    this.#path = pathname + search;
    this.#pool = new Pool(origin, {
      connections: connectionsMax,
      pipelining: 0, // no connection is kept: one that its server has just closed would be a fault
      allowH2: false,
      connectTimeout: config.timeoutMs,
      headersTimeout: config.timeoutMs,
      bodyTimeout: config.timeoutMs,
      maxHeaderSize: 16_384,
      connect: {
        minVersion: 'TLSv1.2',
        maxCachedSessions: 0, // a session that is resumed is not verified again
        ...(config.ca !== null && { ca: config.ca }),
      },
    });
  }

  async ask({ key }: TokenQuestion): Promise<TokenAnswer> {
    const { keyField, timeoutMs } = this.#config;
    try {
      const { body, headers, statusCode } = await this.#pool.request({
        method: 'GET',
        path: this.#path,
        headers: {
          [keyField]: key,
          accept: '*/*',
          'accept-encoding': 'identity',
          'user-agent': 'portcullis-tokens',
        },
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await this.#textOf(body);
      if (statusCode === 401 || statusCode === 403) {
        const challenges = statusCode === 401 ? challengesOf(headers['www-authenticate']) : [];
        return { kind: 'refused', status: statusCode, challenges };
      }
      if (statusCode < 200 || statusCode > 299) {
        return { kind: 'broken', reason: `status ${String(statusCode)}` };
      }
      if (text === null) return { kind: 'broken', reason: 'the answer is too long' };
      return tokenOf(text, this.#config.format, this.#clock);
    } catch (error) {
      return { kind: 'unavailable', reason: reasonOf(error) };
    }
  }

  async stop(): Promise<void> {
    await this.#pool.destroy();
  }

  /** Null for more than a token may be; the rest is not read then. */
  async #textOf(body: AsyncIterable<unknown>): Promise<string | null> {
    const pieces: Buffer[] = [];
    let bytes = 0;
    for await (const piece of body) {
      if (!Buffer.isBuffer(piece)) continue;
      bytes += piece.length;
      if (bytes > this.#config.tokenBytesMax) return null;
      pieces.push(piece);
    }
    return Buffer.concat(pieces).toString('latin1');
  }
}

/** What can stand in a field of ours. */
function challengesOf(field: string | string[] | undefined): readonly string[] {
  const values = field === undefined ? [] : [field].flat();
  return values.filter((value) => /^[\x20-\x7e]{1,1000}$/.test(value));
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  if (error.name === 'TimeoutError') return 'timeout';
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' ? code : error.name;
}
