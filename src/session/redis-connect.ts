import { readFile } from 'node:fs/promises';
import { Redis, type RedisOptions as AllOptions } from 'ioredis';
import type { RedisLogin, RedisStoreConfig } from '../config/redis-store.ts';
import type { UpstreamTlsConfig } from '../config/upstream-tls.ts';
import type { RedisConnect } from './redis-link.ts';

type RedisOptions = Omit<AllOptions, 'replyMapping'>;

const connectMs = 1_000;

/** Nothing is retried, queued or replayed: a link makes new connections, and what was asked is never asked twice. */
const once: RedisOptions = {
  lazyConnect: true,
  enableOfflineQueue: false,
  enableReadyCheck: false,
  // One command less, and one right.
  disableClientInfo: true,
  maxRetriesPerRequest: 0,
  retryStrategy: null,
  sentinelRetryStrategy: () => null,
  sentinelReconnectStrategy: () => null,
  connectTimeout: connectMs,
  keepAlive: 1_000,
  noDelay: true,
};

/** Finds the primary, anew for each connection: addresses, passwords and certificates change. */
export function redisConnect(config: RedisStoreConfig, key: string): RedisConnect {
  switch (config.mode) {
    case 'standalone':
      return async () => {
        const [server] = config.servers;
        if (server === undefined) throw new Error('no server of Redis is known');
        return connected({ ...(await commonOptions(config)), ...server });
      };
    case 'sentinel':
      return async () => {
        const { password, username } = await credentials(config.sentinelLogin);
        const tls = config.tls === null ? null : await tlsOptions(config.tls);
        return connected({
          ...(await commonOptions(config)),
          sentinels: [...config.servers],
          name: config.primaryName,
          ...(username !== undefined && { sentinelUsername: username }),
          ...(password !== undefined && { sentinelPassword: password }),
          ...(tls !== null && { sentinelTLS: tls, enableTLSForSentinelMode: true }),
        });
      };
    case 'cluster':
      return async () => {
        const common = await commonOptions(config);
        return connected({ ...common, ...(await ownerOf(config, common, key)) });
      };
  }
}

async function connected(options: RedisOptions): Promise<Redis> {
  const whole: RedisOptions = { ...once, ...options };
  const client = new Redis(whole);
  // What goes wrong is told to whoever asked; without a listener it would be printed.
  let failure: unknown = null;
  client.on('error', (error: unknown) => {
    failure = error;
  });
  try {
    await client.connect();
    return client;
  } catch (error) {
    client.disconnect();
    // The library says that a connection was closed; the event before says why.
    throw failure ?? error;
  }
}

async function commonOptions(config: RedisStoreConfig): Promise<RedisOptions> {
  return {
    ...(await credentials(config.login)),
    ...(config.database > 0 && { db: config.database }),
    ...(config.tls !== null && { tls: await tlsOptions(config.tls) }),
  };
}

async function credentials({ password, passwordFile, username }: RedisLogin): Promise<{
  username?: string;
  password?: string;
}> {
  const word =
    passwordFile === null
      ? password?.reveal()
      : (await readFile(passwordFile, 'utf8')).replace(/\r?\n$/, '');
  return {
    ...(username !== null && { username }),
    ...(word !== undefined && { password: word }),
  };
}

async function tlsOptions(config: UpstreamTlsConfig): Promise<NonNullable<RedisOptions['tls']>> {
  const { caFile, clientCertificate, isVerified, minVersion, serverName } = config;
  return {
    minVersion,
    rejectUnauthorized: isVerified,
    ...(caFile !== null && { ca: await readFile(caFile) }),
    ...(serverName !== null && { servername: serverName }),
    ...(clientCertificate !== null && {
      cert: await readFile(clientCertificate.certFile),
      key: await readFile(clientCertificate.keyFile),
    }),
  };
}

/** Whoever has the slot of our keys. All of the cluster know; the first that answers is asked. */
async function ownerOf(
  config: RedisStoreConfig,
  common: RedisOptions,
  key: string,
): Promise<{ readonly host: string; readonly port: number }> {
  let failure: unknown = new Error('no server of the cluster is known');
  for (const server of config.servers) {
    let client: Redis | null = null;
    try {
      client = await connected({ ...common, ...server });
      const slot = Number(await client.call('CLUSTER', 'KEYSLOT', key));
      const owner = ownerAmong(await client.call('CLUSTER', 'SLOTS'), slot);
      if (owner !== null)
        return { host: owner.host === '' ? server.host : owner.host, port: owner.port };
      failure = new Error('nobody in the cluster has the slot of the sessions');
    } catch (error) {
      failure = error;
    } finally {
      client?.disconnect();
    }
  }
  throw failure;
}

/** Of `CLUSTER SLOTS`: first and last slot, then the primary as host, port, … */
function ownerAmong(ranges: unknown, slot: number): { host: string; port: number } | null {
  if (!Array.isArray(ranges)) return null;
  for (const range of ranges as readonly unknown[]) {
    if (!Array.isArray(range)) continue;
    const [first, last, primary] = range as readonly unknown[];
    if (slot < Number(first) || slot > Number(last) || !Array.isArray(primary)) continue;
    const [host, port] = primary as readonly unknown[];
    return { host: typeof host === 'string' ? host : '', port: Number(port) };
  }
  return null;
}
