import { laneSettings } from './lane.ts';

/** The configuration file as a tree, as far as the tests write it. Durations and sizes as a person writes them. */
export interface GatewayYaml {
  answers?: 'modern' | 'tyke';
  workers?: number | 'auto';
  drainTimeout?: string;
  log?: { level?: string; format?: string };
  accessLog?: { enabled?: boolean; path?: string; format?: string };
  listeners: Record<string, ListenerYaml>;
  audit?: Record<string, unknown>;
  tracing?: Record<string, unknown>;
  admin?: Record<string, unknown>;
  control?: { socket: string };
  upstreams?: Record<string, UpstreamYaml>;
  rateLimits?: Record<string, Record<string, unknown>>;
  sessions?: Record<string, unknown>;
  zones?: Record<string, Record<string, unknown>>;
  tokenCaches?: Record<string, Record<string, unknown>>;
  coherence?: Record<string, unknown>;
  tokens?: { keys: { id: string; secret: string }[] };
  cookie?: Record<string, unknown>;
  identity?: Record<string, unknown>;
  staff?: { roles?: string[]; passwordReentry?: boolean };
  login?: Record<string, unknown>;
  directories?: Record<
    string,
    DirectoryYaml | LdapDirectoryYaml | TokenDirectoryYaml | RowDirectoryYaml
  >;
  pages?: Record<string, unknown>;
  passwords?: Record<string, unknown>;
}

export interface ListenerYaml {
  address?: string;
  secure?: boolean;
  tls?: Record<string, unknown>;
  acceptAbsoluteForm?: boolean;
  strict?: boolean;
  trustedPeers?: string[];
  sidecars?: { path: string; profile: string; decidesAs: string }[];
  trustedProxies?: string[];
  sendForwarded?: boolean;
  streams?: { idleTimeout?: string; ageMax?: string };
  limits?: Record<string, string | number>;
  timeouts?: Record<string, string>;
  routes: RouteYaml[];
}

export interface RouteYaml {
  id?: string;
  host?: string;
  hosts?: string[];
  methods?: string[];
  path?: string;
  exactPath?: string;
  auth?: 'session' | 'bearer' | 'sessionOrBearer' | 'token-cache' | 'none';
  tokenCache?: string;
  onStoreOutage?: string;
  staleMax?: string;
  keyval?: Record<string, unknown>;
  require?: Record<string, unknown>;
  keepFields?: string[];
  bodyBytesMax?: string;
  rateLimits?: string[];
  securityFields?: Record<string, unknown>;
  upstream?: string;
  rewrite?: string;
  passHost?: boolean;
  keepAuthorization?: boolean;
  serveStale?: string;
  webSockets?: boolean;
  webSocketOrigins?: string[];
  respond?: { status: number; body?: string; contentType?: string };
  endpoint?: string;
}

export interface UpstreamYaml {
  servers: string[];
  [setting: string]: unknown;
}

export interface LdapDirectoryYaml {
  type: 'ldap';
  [setting: string]: unknown;
}

export interface RowDirectoryYaml {
  type: 'sqlite' | 'django';
  [setting: string]: unknown;
}

export interface TokenDirectoryYaml {
  type: 'token';
  [setting: string]: unknown;
}

export interface DirectoryYaml {
  type: 'static';
  insecurePlainText?: boolean;
  users: UserYaml[];
}

export interface UserYaml {
  username: string;
  password: string;
  role?: string;
  groups?: string[];
}

/** Who can log in: the names and words that Tyke's walk-through uses. */
export const demoUsers: readonly UserYaml[] = [
  { username: 'user1', password: 'pass1', role: 'physician', groups: ['group1', 'group2'] },
  { username: 'user2', password: 'pass2', role: 'patient' },
  { username: 'admin', password: 'password', role: 'staffuser' },
];

export interface Plan {
  /** Ports of the one upstream group `app`. */
  readonly upstreamPorts: readonly number[];
  readonly answers?: 'modern' | 'tyke';
  /** Settings of the upstream group. */
  readonly upstream?: Record<string, unknown>;
  /** Settings of the edge listener. */
  readonly edge?: Partial<ListenerYaml>;
  /** What answers `/auth/login`; `login` unless said. */
  readonly login?: 'login' | 'loginPage';
  /** Routes before the usual ones. */
  readonly routes?: readonly RouteYaml[];
  /** Routes in place of the usual two that lead to `app`. */
  readonly appRoutes?: readonly RouteYaml[];
  /** Top-level sections that replace the usual ones. */
  readonly sections?: Partial<Omit<GatewayYaml, 'listeners'>>;
}

const appRoutes: readonly RouteYaml[] = [
  { path: '/public/', auth: 'none', upstream: 'app' },
  { path: '/', auth: 'session', upstream: 'app' },
];

/**
 * The usual gateway of the tests. On the edge: `/auth/login`, `/auth/logout`, `/auth/session`; `/public/` needs no
 * session; everything else does. Both go to the upstream group `app`.
 */
export function planned(plan: Plan): GatewayYaml {
  const servers = plan.upstreamPorts.map((port) => `127.0.0.1:${String(port)}`);
  return {
    answers: plan.answers ?? 'modern',
    accessLog: { path: '-' },
    listeners: {
      edge: {
        ...laneSettings(),
        ...plan.edge,
        routes: [
          ...(plan.routes ?? []),
          { exactPath: '/auth/login', endpoint: plan.login ?? 'login' },
          { exactPath: '/auth/logout', endpoint: 'logout' },
          { exactPath: '/auth/session', endpoint: 'session' },
          ...(plan.appRoutes ?? appRoutes),
        ],
      },
    },
    upstreams: { app: { ...plan.upstream, servers } },
    directories: {
      demo: { type: 'static', insecurePlainText: true, users: [...demoUsers] },
    },
    ...plan.sections,
  };
}
