import { dirname, resolve } from 'node:path';
import type * as z from 'zod';
import type { Secret } from '../lib/secret.ts';
import type { Address } from './address.ts';
import { peerAddress } from './address.ts';
import { flag, listOf, oneOf, optionBlock, text, wholeNumber } from './kinds.ts';
import type { Options, Part } from './read-options.ts';
import { partAt, readOptions } from './read-options.ts';
import { readSecret, secretFile, secretText } from './secret-source.ts';
import { checkUpstreamTls, upstreamTlsConfig, upstreamTlsOptions } from './upstream-tls.ts';
import type { UpstreamTlsConfig } from './upstream-tls.ts';

/** In Redis 7: for several machines. */
export interface RedisStoreConfig {
  readonly type: 'redis';
  readonly mode: 'standalone' | 'sentinel' | 'cluster';
  /** Of Redis, of the sentinels, or some of the cluster. */
  readonly servers: readonly Address[];
  /** Of `mode: sentinel`. */
  readonly primaryName: string;
  readonly login: RedisLogin;
  /** Of the sentinels themselves. */
  readonly sentinelLogin: RedisLogin;
  readonly database: number;
  /** Null: in the clear. */
  readonly tls: UpstreamTlsConfig | null;
  readonly keyPrefix: string;
  readonly waitReplicas: number;
}

/** A password in a file is read again for every connection. */
export interface RedisLogin {
  readonly username: string | null;
  readonly password: Secret | null;
  readonly passwordFile: string | null;
}

const loginOptions = {
  username: text(/^\S{1,128}$/, 'a user of Redis')
    .optional()
    .describe('The user of Redis (ACL). Default: the one without a name, `default`.'),
  password: secretText('the password of Redis')
    .optional()
    .describe('Its password; better in a file, or ${NAME} from the environment.'),
  passwordFile: secretFile()
    .optional()
    .describe(
      'A file that holds the password, relative to the folder of this configuration. It is read ' +
        'again for every connection: a new password needs no restart.',
    ),
};

const sentinelLoginOptions = optionBlock(loginOptions).describe(
  'How to log in at the sentinels. Default: not at all.',
);

export const redisOptions = optionBlock({
  type: oneOf(['redis']).describe(
    '`redis`: in Redis 7, for gateways on several machines. Sessions survive restarts ' +
      'of gateways; the end of one is felt by all of them. Needs `tokens.keys`, the same for all.',
  ),
  mode: oneOf(['standalone', 'sentinel', 'cluster'])
    .default('standalone')
    .describe(
      'What `servers` are: `standalone` (the default), one Redis; `sentinel`, the sentinels that ' +
        'know the primary; `cluster`, some nodes of a cluster. A cluster gives fail-over, not ' +
        'more room: all sessions are in one slot.',
    ),
  servers: listOf(peerAddress('10.0.0.5:6379 or redis.internal:6379'), 'servers')
    .prefault(['127.0.0.1:6379'])
    .describe('Where Redis, the sentinels or the cluster listen. Default `[127.0.0.1:6379]`.'),
  primaryName: text(/^[A-Za-z0-9._-]{1,64}$/, 'a name such as mymaster')
    .default('mymaster')
    .describe('What the sentinels call the primary. Default `mymaster`.'),
  ...loginOptions,
  sentinelLogin: sentinelLoginOptions.optional(),
  database: wholeNumber({ min: 0, max: 1_000 })
    .default(0)
    .describe('The number of the database, 0 to 1000. Default 0; a cluster has no other.'),
  secure: flag()
    .default(false)
    .describe(
      'Whether Redis is spoken to over TLS. Default false, for a Redis on this machine or in a ' +
        'network of its own: otherwise whoever listens learns who is logged in.',
    ),
  tls: upstreamTlsOptions.optional().describe('How, with `secure: true`.'),
  keyPrefix: text(/^[A-Za-z0-9_.-]{1,32}$/, 'at most 32 letters, digits, . - and _')
    .default('gw')
    .describe(
      'All keys and channels begin with `{keyPrefix}:`. Default `gw`. Gateways with the same ' +
        'prefix share their sessions, their rate limits and the counts of failed logins.',
    ),
  waitReplicas: wholeNumber({ min: 0, max: 5 })
    .default(0)
    .describe(
      'How many replicas are to have the end of a session before a logout is answered, 0 to 5. ' +
        'Default 0. It makes the loss of one by a fail-over less likely, not impossible.',
    ),
}).describe('In Redis.');

export function readRedisStore(part: Part, configPath: string): RedisStoreConfig | undefined {
  const options = readOptions(redisOptions, part);
  if (options === undefined) return undefined;
  const { value } = options;
  if (value.tls !== undefined) checkUpstreamTls(value.tls, partAt(part, 'tls'), configPath);
  const login = readLogin(options, part, configPath);
  const sentinelPart = partAt(part, 'sentinelLogin');
  const sentinel = readOptions(sentinelLoginOptions, sentinelPart);
  if (sentinel === undefined) return undefined;
  return {
    type: 'redis',
    mode: value.mode,
    servers: value.servers,
    primaryName: value.primaryName,
    login,
    sentinelLogin: readLogin(sentinel, sentinelPart, configPath),
    database: value.database,
    tls: value.secure
      ? upstreamTlsConfig(value.tls ?? upstreamTlsOptions.parse({}), configPath)
      : null,
    keyPrefix: value.keyPrefix,
    waitReplicas: value.waitReplicas,
  };
}

type LoginValue = z.output<typeof sentinelLoginOptions>;

function readLogin(options: Options<LoginValue>, part: Part, configPath: string): RedisLogin {
  const { password, passwordFile, username } = options.value;
  const hasPassword = password !== undefined || passwordFile !== undefined;
  // Whether the file can be read is found out now, and again for each connection.
  if (hasPassword) readSecret(options, { part, configPath, name: 'password' });
  return {
    username: username ?? null,
    password: password ?? null,
    passwordFile: passwordFile === undefined ? null : resolve(dirname(configPath), passwordFile),
  };
}
