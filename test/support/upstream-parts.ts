import { FieldNames } from '../../src/http/field-names.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { UpstreamCounters } from '../../src/wire/counters.ts';
import { Deadlines } from '../../src/wire/deadlines.ts';
import type { ResponseSink } from '../../src/wire/response-sink.ts';
import type { UpstreamBudget } from '../../src/wire/upstream-budget.ts';
import type { UpstreamConnection } from '../../src/wire/upstream-connection.ts';
import type { UpstreamFailure } from '../../src/wire/upstream-failure.ts';
import { UpstreamPool, type UpstreamWaiter } from '../../src/wire/upstream-pool.ts';
import { upstreamConfig } from './upstream-config.ts';
import { within } from './wait-for.ts';

const usual = upstreamConfig();

interface PoolOptions {
  readonly connectionsMax?: number;
  readonly budget?: UpstreamBudget;
  /** In place of the port. */
  readonly socketPath?: string;
}

/** The connections to the server at a port of the loopback, with the usual settings. */
export function poolTo(port: number, options: PoolOptions = {}): UpstreamPool {
  return new UpstreamPool({
    address: {
      ...{ host: '127.0.0.1', port, name: '127.0.0.1', tls: null },
      socketPath: options.socketPath ?? null,
    },
    config: usual,
    connectionsMax: options.connectionsMax ?? usual.connectionsMax,
    names: new FieldNames([]),
    deadlines: new Deadlines(systemClock),
    counters: new UpstreamCounters('app', `127.0.0.1:${String(port)}`),
    ...(options.budget === undefined ? {} : { budget: options.budget }),
  });
}

interface FetchOptions {
  /** The bytes of the request. */
  readonly head?: string;
  /** A body of the length that the head announces follows; the test sends it, and ends the request. */
  readonly hasBody?: boolean;
  /** Called with each piece of the answer's body: the place of a client that takes nothing more. */
  readonly onPiece?: (connection: UpstreamConnection) => void;
  /** Default: yes. */
  readonly takesLongReads?: boolean;
}

/** One exchange over a pool, in the place of a client: it asks for a connection and sends a request at once. */
export class Fetch implements UpstreamWaiter, ResponseSink {
  readonly takesLongReads: boolean;
  /** The length of each piece of the answer's body. */
  readonly pieces: number[] = [];
  readonly #options: FetchOptions;
  readonly #outcome = Promise.withResolvers<'ended' | UpstreamFailure>();
  /** Null until the pool has given one. */
  connection: UpstreamConnection | null = null;
  text = '';
  drains = 0;

  constructor(pool: UpstreamPool, options: FetchOptions = {}) {
    this.#options = options;
    this.takesLongReads = options.takesLongReads ?? true;
    pool.acquire(this, false);
  }

  /** `ended`: the answer came whole. */
  async outcome(): Promise<'ended' | UpstreamFailure> {
    return await within('the end of the exchange', this.#outcome.promise);
  }

  upstreamReady(connection: UpstreamConnection): void {
    this.connection = connection;
    const head = this.#options.head ?? 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
    connection.begin(this, head.split(' ', 1)[0] ?? '', head, false);
    if (this.#options.hasBody !== true) connection.end();
  }

  upstreamPlaceReady(): void {
    throw new Error('a place was not asked for');
  }

  upstreamFailed(failure: UpstreamFailure): void {
    this.#outcome.resolve(failure);
  }

  informationReceived(): void {}

  headReceived(): void {}

  write(bytes: Buffer, start: number, end: number): void {
    this.text += bytes.toString('latin1', start, end);
    this.pieces.push(end - start);
    if (this.connection !== null) this.#options.onPiece?.(this.connection);
  }

  flush(): void {}

  responseEnded(): void {
    this.#outcome.resolve('ended');
  }

  responseFailed(failure: UpstreamFailure): void {
    this.#outcome.resolve(failure);
  }

  requestDrained(): void {
    this.drains += 1;
  }
}
