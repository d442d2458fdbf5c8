import type { MadeCertificates } from './certificates.ts';

export interface Ports {
  readonly clear: number;
  readonly strict: number;
  readonly secure: number;
  readonly admin: number;
  /** Upstreams: by script, the same over TLS, nobody there, one that takes connections and says nothing. */
  readonly app: number;
  readonly sealed: number;
  readonly nobody: number;
  readonly mute: number;
}

export const COOKIE = 'fuzz';
export const PASSWORD = 'pass';
export const USERS = ['ann', 'ben', 'cleo', 'dora'] as const;

/** Of the generator of requests: small, so that messages that pass them are small, too. */
const limits = {
  headBytesMax: 1024,
  fieldsMax: 40,
  targetBytesMax: 256,
  bodyBytesMax: 1000,
  requestsPerConnectionMax: 0,
};

const timeouts = {
  head: '600ms',
  bodyIdle: '600ms',
  keepAlive: '1200ms',
  send: '1s',
  linger: '400ms',
};

const upstream = {
  maxFails: 0,
  connectTimeout: '400ms',
  firstByteTimeout: '300ms',
  idleTimeout: '300ms',
  keepAlive: '800ms',
  headBytesMax: 1024,
  fieldsMax: 40,
};

/** Proxies in front ask here; the addresses of the scenes (`client-address.ts`) are theirs. */
export const SIDECAR_PATH = '/ask-nginx';
const NEIGHBOURS = '127.249.0.0/16';

/** Where they part is what the cases aim at. */
const routes = [
  { exactPath: '/auth/login', endpoint: 'login' },
  { exactPath: '/auth/logout', endpoint: 'logout' },
  { exactPath: '/auth/session', endpoint: 'session' },
  { path: '/private/', auth: 'session', upstream: 'app' },
  { path: '/pri!vate/', auth: 'session', upstream: 'app' },
  { path: '/ws/', auth: 'none', webSockets: true, upstream: 'app' },
  { path: '/ws-sealed/', auth: 'none', webSockets: true, upstream: 'sealed' },
  { path: '/ws-private/', auth: 'session', webSockets: true, upstream: 'app' },
  { path: '/sealed/', auth: 'none', upstream: 'sealed' },
  { path: '/nobody/', auth: 'none', upstream: 'nobody' },
  { path: '/mute/', auth: 'none', upstream: 'mute' },
  { path: '/notls/', auth: 'none', upstream: 'notls' },
  { path: '/narrow/', auth: 'none', upstream: 'narrow' },
  { path: '/', auth: 'none', upstream: 'app' },
];

/** Everything short that is a wait, so that a million cases see the end of each; all that follows is as in operation. */
export function settingsText(ports: Ports, certificates: MadeCertificates): string {
  const at = (port: number): string => `127.0.0.1:${port}`;
  const tls = {
    certificates: [certificates.edge, certificates.other],
    unknownNames: 'default',
  };
  const sealed = {
    verify: true,
    caFile: certificates.upstream.certFile,
    serverName: 'sealed.example',
  };
  return JSON.stringify({
    answers: 'modern',
    drainTimeout: '2s',
    log: { level: 'warn' },
    accessLog: { path: '-' },
    listeners: {
      clear: {
        address: at(ports.clear),
        limits,
        timeouts,
        streams: { idleTimeout: '2s', ageMax: '0' },
        routes,
        trustedPeers: [NEIGHBOURS],
        sidecars: [{ path: SIDECAR_PATH, profile: 'nginx', decidesAs: 'strict' }],
      },
      strict: {
        address: at(ports.strict),
        strict: true,
        acceptAbsoluteForm: true,
        limits,
        timeouts,
        streams: { idleTimeout: '0', ageMax: '1s' },
        routes,
      },
      secure: {
        address: at(ports.secure),
        tls,
        limits,
        timeouts,
        streams: { idleTimeout: '2s', ageMax: '0' },
        routes,
      },
    },
    admin: { address: at(ports.admin) },
    upstreams: {
      app: { servers: [at(ports.app)], ...upstream },
      sealed: { servers: [`https://${at(ports.sealed)}`], tls: sealed, ...upstream },
      nobody: { servers: [at(ports.nobody)], ...upstream },
      mute: { servers: [`https://${at(ports.mute)}`], tls: sealed, ...upstream },
      notls: { servers: [`https://${at(ports.app)}`], tls: sealed, ...upstream },
      narrow: { servers: [at(ports.app)], ...upstream, connectionsMax: 1, queueMax: 2 },
    },
    cookie: { name: COOKIE },
    sessions: { idleTimeout: '4s', absoluteTimeout: '10h', sessionsPerUserMax: 1000 },
    directories: {
      demo: {
        type: 'static',
        insecurePlainText: true,
        users: USERS.map((username) => ({ username, password: PASSWORD })),
      },
    },
  });
}
