import type { ServerConfig } from '../../src/config/server.ts';
import type { UpstreamConfig } from '../../src/config/upstream.ts';

export function serverAt(port: number, more: Partial<ServerConfig> = {}): ServerConfig {
  const usual = { isSecure: false, socketPath: null, weight: 1, isBackup: false };
  return { host: '127.0.0.1', port, ...usual, ...more };
}

/** An upstream with its defaults. */
export function upstreamConfig(more: Partial<UpstreamConfig> = {}): UpstreamConfig {
  return {
    name: 'app',
    servers: [],
    balance: 'roundRobin',
    hashKey: { by: 'session' },
    stickyCookie: null,
    slowStartMs: 0,
    health: null,
    breaker: null,
    names: { servers: [], intervalMs: 30_000, timeoutMs: 2_000, family: 'ipv4First' },
    maxFails: 1,
    failTimeoutMs: 10_000,
    connectTimeoutMs: 5_000,
    firstByteTimeoutMs: 60_000,
    idleTimeoutMs: 60_000,
    keepAliveMs: 60_000,
    idleConnectionsMax: 256,
    connectionsMax: 1_024,
    queueMax: 1_024,
    headBytesMax: 65_536,
    fieldsMax: 200,
    tls: {
      isVerified: true,
      caFile: null,
      serverName: null,
      minVersion: 'TLSv1.2',
      clientCertificate: null,
    },
    ...more,
  };
}
