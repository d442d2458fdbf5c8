import { benchUsers, cheapHash } from './bench-users.ts';

/** What differs between the gateways that the benchmarks start. Sections are merged over the ones below. */
export interface GatewaySettings {
  readonly edgePort: number;
  readonly controlPort: number;
  readonly adminPort: number;
  /** `host:port` of each server of the upstream group. */
  readonly upstreamServers: readonly string[];
  readonly edge?: Readonly<Record<string, unknown>>;
  readonly cookie?: Readonly<Record<string, unknown>>;
  readonly upstream?: Readonly<Record<string, unknown>>;
  /** Routes of the edge in front of `/api/`. */
  readonly edgeRoutes?: readonly Readonly<Record<string, unknown>>[];
  /** Further upstream groups, for those routes. */
  readonly otherUpstreams?: Readonly<Record<string, unknown>>;
  /** Beside the one of the bench's own users. */
  readonly directories?: Readonly<Record<string, unknown>>;
  /** Further sections of the file. */
  readonly sections?: Readonly<Record<string, unknown>>;
  readonly rateLimits?: Readonly<Record<string, unknown>>;
}

/** The configuration file, as JSON, which is YAML. What is not named keeps its default, as in operation. */
export function gatewaySettingsFile(settings: GatewaySettings): string {
  return JSON.stringify(
    {
      accessLog: { enabled: false },
      log: { level: 'warn' },
      listeners: {
        edge: {
          address: `127.0.0.1:${settings.edgePort}`,
          routes: [
            { exactPath: '/auth/login', methods: ['POST'], endpoint: 'login' },
            { exactPath: '/auth/logout', endpoint: 'logout' },
            ...(settings.edgeRoutes ?? []),
            { path: '/api/', upstream: 'application' },
          ],
          ...settings.edge,
        },
        control: {
          address: `127.0.0.1:${settings.controlPort}`,
          trustedPeers: ['127.0.0.0/8'],
          routes: [
            { exactPath: '/login', methods: ['POST'], endpoint: 'login' },
            { exactPath: '/logout', endpoint: 'logout' },
            { exactPath: '/validate', endpoint: 'validate' },
          ],
        },
      },
      ...(settings.rateLimits && { rateLimits: settings.rateLimits }),
      ...(settings.cookie && { cookie: settings.cookie }),
      admin: { address: `127.0.0.1:${settings.adminPort}` },
      upstreams: {
        application: { servers: settings.upstreamServers, ...settings.upstream },
        ...settings.otherUpstreams,
      },
      // So long that neither a touch nor a sweep calls the store while its calls are counted.
      sessions: { idleTimeout: '12h', absoluteTimeout: '24h', sweepInterval: '1h' },
      directories: {
        bench: {
          type: 'static',
          users: benchUsers.map(({ username, password, role, groups }) => ({
            username,
            password: cheapHash(password),
            role,
            groups,
          })),
        },
        ...settings.directories,
      },
      ...settings.sections,
    },
    null,
    2,
  );
}
