import type * as z from 'zod';
import { balanceFields, hashKeyOf, type BalanceName, type HashKey } from './balance.ts';
import { breakerConfig, breakerOptions, type BreakerConfig } from './breaker.ts';
import { byteSize } from './byte-size.ts';
import { duration, formatDuration } from './duration.ts';
import { healthConfig, healthOptions, type HealthConfig } from './health.ts';
import { listOf, optionBlock, wholeNumber } from './kinds.ts';
import { namesConfig, namesOptions, type NamesConfig } from './names.ts';
import type { Options, Part } from './read-options.ts';
import { partAt, readNamed, readOptions } from './read-options.ts';
import { checkServers, readServers, serverEntry, serverItem, type ServerConfig } from './server.ts';
import type { UpstreamTlsConfig } from './upstream-tls.ts';
import { checkUpstreamTls, upstreamTlsConfig, upstreamTlsOptions } from './upstream-tls.ts';

/** A group of servers that requests are forwarded to. */
export interface UpstreamConfig {
  readonly name: string;
  /** At least one. */
  readonly servers: readonly ServerConfig[];
  readonly balance: BalanceName;
  readonly hashKey: HashKey;
  /** Null: no browser is kept at a server. */
  readonly stickyCookie: string | null;
  /** The time in which a server that is back comes to its full share; 0: at once. */
  readonly slowStartMs: number;
  /** Null: servers are not asked on their own. */
  readonly health: HealthConfig | null;
  /** Null: there is none. */
  readonly breaker: BreakerConfig | null;
  readonly names: NamesConfig;
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

const serversExpected = 'a list of at least one server, such as - 127.0.0.1:9000';

const shared = {
  ...balanceFields,
  slowStart: duration({ min: '100ms', max: '1h', zero: 'its full share at once' })
    .prefault('0s')
    .describe(
      'The time in which a server that has come back, or has just come, gets from a tenth of its ' +
        'share to all of it, 100ms to 1h. Default 0: at once. For applications that are slow ' +
        'until they are warm.',
    ),
  health: healthOptions.optional(),
  breaker: breakerOptions.optional(),
  names: namesOptions.prefault({}),
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
      'How long a body may pause between two pieces, or the server take less than 64 KiB of one, ' +
        '10ms to 1d; then the response is broken off. Default 60s. Event streams need more, or a heartbeat.',
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
};

/** The entries of `servers` are read one by one, so that each says what is wrong with it. */
const upstreamFields = optionBlock({
  ...shared,
  servers: listOf(serverItem, 'servers').min(1, { error: serversExpected }),
});

export const upstreamOptions = optionBlock({
  ...shared,
  servers: listOf(serverEntry, 'servers')
    .min(1, { error: serversExpected })
    .describe(
      'The servers, such as `127.0.0.1:9000`, `[::1]:9000`, `http://app.internal:80`, ' +
        '`https://app.internal:443` or `unix:/run/app.sock`; or a block of address, weight and ' +
        'backup. At least one. Without https traffic to them is in the clear and says who the ' +
        'user is: keep it on networks you trust.',
    ),
}).describe('A group of servers that requests are forwarded to.');

type UpstreamOptions = z.output<typeof upstreamFields>;

/** One upstream as far as it could be read; `config` is undefined where something was wrong. */
export interface UpstreamDraft {
  readonly name: string;
  readonly config: UpstreamConfig | undefined;
}

export function readUpstreams(part: Part, configPath: string): readonly UpstreamDraft[] {
  return readNamed(part).map(({ name, part: inner }) => {
    const options = readOptions(upstreamFields, inner);
    if (options === undefined) return { name, config: undefined };
    const servers = readServers(options.value.servers, partAt(inner, 'servers'));
    if (options.isSound('servers')) checkServers(servers, partAt(inner, 'servers'));
    checkRelations(options, inner);
    checkUpstreamTls(options.value.tls, partAt(inner, 'tls'), configPath);
    return { name, config: upstreamConfig(name, servers, options.value, configPath) };
  });
}

function upstreamConfig(
  name: string,
  servers: readonly ServerConfig[],
  options: UpstreamOptions,
  configPath: string,
): UpstreamConfig {
  const { breaker, health, hashBy } = options;
  return {
    name,
    servers,
    balance: options.balance,
    hashKey: hashKeyOf(hashBy),
    stickyCookie: options.stickyCookie ?? null,
    slowStartMs: options.slowStart,
    health: health === undefined ? null : healthConfig(health),
    breaker: breaker === undefined ? null : breakerConfig(breaker),
    names: namesConfig(options.names),
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

function checkRelations(options: Options<UpstreamOptions>, part: Part): void {
  const { problems } = part.document;
  const { balance, hashBy, health } = options.value;
  if (hashBy !== undefined && balance !== 'hash' && options.isSound('balance')) {
    const message = `is there beside balance: ${balance}`;
    problems.add([...part.path, 'hashBy'], message, 'expected it only with balance: hash', 'key');
  }
  if (health !== undefined && health.timeout > health.interval && options.isSound('health')) {
    const message = `is ${formatDuration(health.timeout)}, longer than interval`;
    const expected = `expected at most ${formatDuration(health.interval)}`;
    problems.add([...part.path, 'health', 'timeout'], message, expected);
  }
}
