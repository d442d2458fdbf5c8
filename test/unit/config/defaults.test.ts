import { describe, expect, it } from 'vitest';
import { pagesConfig } from '../../support/pages-config.ts';
import { load, smallest } from '../../support/config-file.ts';
import { serverAt, upstreamConfig } from '../../support/upstream-config.ts';

describe('the smallest configuration', () => {
  it('has every other option at its default', () => {
    const config = load(smallest);
    expect(config).toEqual({
      path: config.path,
      answers: 'modern',
      workers: 1,
      drainTimeoutMs: 30_000,
      log: { level: 'info', format: 'json' },
      accessLog: { isEnabled: true, path: '-', format: 'json' },
      tracing: { traceparent: true, continueFrom: 'everybody', sampled: true },
      audit: { isEnabled: false, path: '-', onFailure: 'continue' },
      listeners: [
        {
          name: 'edge',
          host: '127.0.0.1',
          port: 0,
          isSecure: false,
          tls: null,
          acceptAbsoluteForm: false,
          isStrict: false,
          trustedPeers: [],
          sidecars: [],
          trustedProxies: [],
          isForwardedSent: false,
          limits: {
            headBytesMax: 16_384,
            fieldsMax: 100,
            targetBytesMax: 8_192,
            bodyBytesMax: 0,
            bodyBytesPerSecondMin: 100,
            connectionsMax: 0,
            connectionsPerAddressMax: 1_000,
            requestsPerConnectionMax: 0,
          },
          timeouts: {
            headMs: 10_000,
            bodyIdleMs: 15_000,
            keepAliveMs: 65_000,
            sendMs: 60_000,
            lingerMs: 5_000,
          },
          streams: { idleTimeoutMs: 600_000, ageMaxMs: 86_400_000 },
          routes: [
            {
              id: 'edge/0',
              hosts: [],
              methods: [],
              path: { kind: 'prefix', value: '/' },
              auth: 'none',
              require: null,
              keepFields: [],
              bodyBytesMax: null,
              serveStaleMs: 0,
              rateLimits: [],
              securityFields: null,
              tokens: null,
              target: {
                kind: 'respond',
                status: 204,
                body: '',
                contentType: 'text/plain; charset=utf-8',
              },
            },
          ],
        },
      ],
      admin: null,
      control: { socket: null },
      reload: { isWatched: false, intervalMs: 2_000 },
      explain: { recentRequests: 0 },
      upstreams: [],
      rateLimits: [],
      zones: [],
      tokenCaches: [],
      sessions: {
        store: { type: 'memory', sessionsMax: 1_000_000 },
        idleTimeoutMs: 1_800_000,
        absoluteTimeoutMs: 43_200_000,
        touchIntervalMs: 180_000,
        sweepIntervalMs: 30_000,
        sessionsPerUserMax: 100,
        cacheEntriesMax: 1_000_000,
        impersonationTimeoutMs: 1_800_000,
        refreshIntervalMs: 300_000,
      },
      coherence: {
        stalenessMs: 5_000,
        pollIntervalMs: 500,
        settleMs: 1_000,
        streamGraceMs: 5_000,
        node: null,
      },
      tokens: { keys: [] },
      cookie: { name: null, path: '/', sameSite: 'Lax', maxAgeMs: 0 },
      identity: { field: 'X-UserInfo', format: 'json', bytesMax: 4_096 },
      staff: { roles: ['staffuser'], protectedRoles: [], isPasswordAsked: false },
      login: {
        directories: [],
        allowedOrigins: [],
        bodyBytesMax: 16_384,
        url: null,
        home: '/',
        returnHosts: [],
        throttle: {
          isEnabled: true,
          account: { failures: 10, regainMs: 60_000 },
          address: { failures: 100, regainMs: 10_000 },
          overall: { failures: 1_000, regainMs: 100 },
          exemptAddresses: [],
          entriesMax: 100_000,
        },
      },
      directories: [],
      pages: pagesConfig,
      passwords: { threads: 2, queueMax: 64, queueTimeoutMs: 5_000 },
      warnings: [],
    });
  });

  it('gives an upstream its defaults', () => {
    const yaml = `${smallest}upstreams: {app: {servers: ["http://app.internal:80", "[::1]:9000"]}}\n`;
    expect(load(yaml).upstreams).toEqual([
      upstreamConfig({
        servers: [serverAt(80, { host: 'app.internal' }), serverAt(9000, { host: '::1' })],
      }),
    ]);
  });

  it('derives how often sessions are touched and swept from the idle timeout', () => {
    expect(load(`${smallest}sessions: {idleTimeout: 20s}\n`).sessions).toMatchObject({
      touchIntervalMs: 2_000,
      sweepIntervalMs: 5_000,
    });
  });

  it('keeps no more idle connections than connections', () => {
    const yaml = `${smallest}upstreams: {app: {servers: [a:1], connectionsMax: 10}}\n`;
    expect(load(yaml).upstreams[0]?.idleConnectionsMax).toBe(10);
  });

  it('asks all directories in the order of the file', () => {
    const yaml = `${smallest}directories: {z: {type: static}, a: {type: static}}\n`;
    expect(load(yaml).login.directories).toEqual(['z', 'a']);
  });

  it('writes the access log beside the configuration where its path is relative', () => {
    const config = load(`${smallest}accessLog: {path: access.log}\n`);
    expect(config.accessLog.path).toBe(config.path.replace('c.yaml', 'access.log'));
  });
});

describe('a loaded configuration', () => {
  it('is frozen all the way down', () => {
    const yaml = `${smallest}directories: {d: {type: static, insecurePlainText: true, users: [{username: u, password: p, groups: [g]}]}}\n`;
    const config = load(yaml);
    const seen: unknown[] = [config];
    for (const value of seen) {
      if (typeof value !== 'object' || value === null) continue;
      if (Object.getPrototypeOf(value) !== Object.prototype && !Array.isArray(value)) continue;
      expect(Object.isFrozen(value)).toBe(true);
      seen.push(...Object.values(value));
    }
    expect(seen.length).toBeGreaterThan(80);
  });
});
