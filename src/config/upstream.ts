import type * as z from 'zod';
import { formatAddress, serverAddress } from './address.ts';
import { byteSize } from './byte-size.ts';
import { duration } from './duration.ts';
import { listOf, optionBlock, wholeNumber } from './kinds.ts';
import type { Options, Part } from './read-options.ts';
import { partAt, readNamed, readOptions } from './read-options.ts';
import type { UpstreamTlsConfig } from './upstream-tls.ts';
import { checkUpstreamTls, upstreamTlsConfig, upstreamTlsOptions } from './upstream-tls.ts';

/** A group of servers that requests are forwarded to, round robin. */
export interface UpstreamConfig {
  readonly name: string;
  /** At least one. */
  readonly servers: readonly ServerConfig[];
  /**
   * Failures within `failTimeoutMs` that take a server out; 0 never does. Ignored for a single one.
   */
  readonly maxFails: number;
  /** The window in which failures are counted, and the time out of service. */
  readonly failTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** From the last byte of a request to the first of its response. */
  readonly firstByteTimeoutMs: number;
  /** Between two pieces of a body. */
  readonly idleTimeoutMs: number;
  /** How long an idle connection is kept. */
  readonly keepAliveMs: number;
  /** Idle connections kept, per server. */
  readonly idleConnectionsMax: number;
  /** Connections in all, per server. */
  readonly connectionsMax: number;
  /** Requests that wait for a connection; one more is answered 503. */
  readonly queueMax: number;
  /** Of a response head. */
  readonly headBytesMax: number;
  /** Of a response. */
  readonly fieldsMax: number;
  /** For those of the servers that speak TLS. */
  readonly tls: UpstreamTlsConfig;
}

export interface ServerConfig {
  readonly host: string;
  readonly port: number;
  /** It is spoken to over TLS. */
  readonly isSecure: boolean;
}

export const upstreamOptions = optionBlock({
  servers: listOf(serverAddress(), 'servers')
    .min(1, { error: 'a list of at least one server, such as - 127.0.0.1:9000' })
    .describe(
      'The servers, such as `127.0.0.1:9000`, `http://app.internal:80` or ' +
        '`https://app.internal:443`; asked in turn. At least one. Without https traffic to them ' +
        'is in the clear and says who the user is: keep it on networks you trust.',
    ),
  maxFails: wholeNumber({ min: 0, max: 1_000 })
    .default(1)
    .describe(
      'After so many failures within failTimeout a server gets no requests for failTimeout; 0 ' +
        'to 1000, 0 never. Default 1, as NGINX has it. Where all are out, all are asked. ' +
        'Ignored for a single server.',
    ),
  failTimeout: duration({ min: '100ms', max: '1h' })
    .prefault('10s')
    .describe(
      'The time within which failures count together, and how long a server then gets no ' +
        'requests; 100ms to 1h. Default 10s, as NGINX has it.',
    ),
  connectTimeout: duration({ min: '10ms', max: '5m' })
    .prefault('5s')
    .describe(
      'How long opening a connection may take, 10ms to 5m; then the next server is tried. ' +
        'Default 5s.',
    ),
  firstByteTimeout: duration({ min: '10ms', max: '1d' })
    .prefault('60s')
    .describe(
      'How long a server may think: from the last byte of a request to the first of its ' +
        'response, 10ms to 1d; then 504. Default 60s. Long polls need more.',
    ),
  idleTimeout: duration({ min: '10ms', max: '1d' })
    .prefault('60s')
    .describe(
      'How long a body may pause between two pieces, 10ms to 1d; then the response is broken ' +
        'off. Default 60s. Event streams need more, or a heartbeat.',
    ),
  keepAlive: duration({ min: '1ms', max: '1d', zero: 'a connection for each request' })
    .prefault('60s')
    .describe(
      'How long an idle connection is kept, 1ms to 1d, or 0 for a connection for each request. ' +
        "Default 60s. Keep it below the server's own limit, or requests meet a connection that " +
        'is just being closed.',
    ),
  idleConnectionsMax: wholeNumber({ min: 0, max: 65_535 })
    .default(256)
    .describe(
      'Idle connections that are kept for each server, 0 to 65535, not above connectionsMax. ' +
        'Default 256.',
    ),
  connectionsMax: wholeNumber({ min: 1, max: 65_535 })
    .default(1_024)
    .describe(
      'Connections to each server, 1 to 65535. Default 1024: what protects a server from ' +
        'everybody at once.',
    ),
  queueMax: wholeNumber({ min: 0, max: 1_000_000 })
    .default(1_024)
    .describe(
      'Requests that wait for a connection, 0 to 1000000; one more is answered 503. Default 1024.',
    ),
  headBytesMax: byteSize({ min: 1_024, max: 1_048_576 })
    .prefault('64KiB')
    .describe(
      'The largest head of a response, 1KiB to 1MiB; a larger one is answered 502. Default 64KiB.',
    ),
  fieldsMax: wholeNumber({ min: 8, max: 2_000 })
    .default(200)
    .describe('The most fields of a response, 8 to 2000; more are answered 502. Default 200.'),
  tls: upstreamTlsOptions.prefault({}),
}).describe('A group of servers that requests are forwarded to in turn.');

/** One upstream as far as it could be read; `config` is undefined where something was wrong. */
export interface UpstreamDraft {
  readonly name: string;
  readonly config: UpstreamConfig | undefined;
}

export function readUpstreams(part: Part, configPath: string): readonly UpstreamDraft[] {
  return readNamed(part).map(({ name, part: inner }) => {
    const options = readOptions(upstreamOptions, inner);
    if (options === undefined) return { name, config: undefined };
    checkRelations(options, inner);
    checkUpstreamTls(options.value.tls, partAt(inner, 'tls'), configPath);
    return { name, config: upstreamConfig(name, options.value, configPath) };
  });
}

function upstreamConfig(
  name: string,
  options: z.output<typeof upstreamOptions>,
  configPath: string,
): UpstreamConfig {
  return {
    name,
    servers: options.servers,
    maxFails: options.maxFails,
    failTimeoutMs: options.failTimeout,
    connectTimeoutMs: options.connectTimeout,
    firstByteTimeoutMs: options.firstByteTimeout,
    idleTimeoutMs: options.idleTimeout,
    keepAliveMs: options.keepAlive,
    idleConnectionsMax: Math.min(options.idleConnectionsMax, options.connectionsMax),
    connectionsMax: options.connectionsMax,
    queueMax: options.queueMax,
    headBytesMax: options.headBytesMax,
    fieldsMax: options.fieldsMax,
    tls: upstreamTlsConfig(options.tls, configPath),
  };
}

function checkRelations(options: Options<z.output<typeof upstreamOptions>>, part: Part): void {
  const { problems } = part.document;
  const seen = new Set<string>();
  for (const [index, server] of options.value.servers.entries()) {
    const address = formatAddress(server);
    if (seen.has(address) && options.isSound('servers')) {
      const path = [...part.path, 'servers', index];
      problems.add(path, `is ${address} a second time`, 'expected each server once');
    }
    seen.add(address);
  }
}
