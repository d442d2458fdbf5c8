import { isIP } from 'node:net';
import { formatAddress, isLoopback } from './address.ts';
import { formatDuration } from './duration.ts';
import type { Config } from './config.ts';
import { staticDirectories } from './directory.ts';
import type { DirectoryConfig } from './directory.ts';
import type { DjangoDirectoryConfig } from './django-directory.ts';
import type { ListenerConfig } from './listener.ts';
import { isPublishedPassword } from './published.ts';
import type { RouteConfig } from './route.ts';
import { tokenCacheWarnings } from './token-cache-warnings.ts';
import type { UpstreamConfig } from './upstream.ts';

/** What is allowed but deserves to be said: one sentence each, without secrets. */
export function warningsOf(config: Omit<Config, 'warnings'>): readonly string[] {
  return [
    ...config.directories.flatMap((directory) => passwordWarnings(directory, config)),
    ...config.listeners.flatMap((listener) => exposureWarnings(listener)),
    ...config.upstreams.flatMap((upstream) => upstreamTlsWarnings(upstream)),
    ...config.upstreams.flatMap((upstream) => upstreamWarnings(upstream)),
    ...storeWarnings(config),
    ...tokenCacheWarnings(config),
    ...adminWarnings(config),
    ...loginWarnings(config),
    ...unusedWarnings(config),
    ...config.listeners.flatMap((listener) => shadowWarnings(listener)),
    ...config.listeners.flatMap((listener) => staleWarnings(listener)),
    ...tykeNameWarnings(config),
  ];
}

function passwordWarnings(directory: DirectoryConfig, config: Omit<Config, 'warnings'>): string[] {
  if (directory.type === 'django') return databaseWarnings(directory);
  if (directory.type !== 'static') return [];
  const { name, users, insecurePlainText } = directory;
  const warnings: string[] = [];
  const open = config.listeners.filter((listener) => hasLogin(listener) && isOpen(listener));
  const published = users.filter((user) => isPublishedPassword(user.password.reveal()));
  const isAsked = config.login.directories.includes(name);
  if (published.length > 0 && open.length > 0 && isAsked) {
    const who = published.map((user) => user.username).join(', ');
    const where = open
      .map((listener) => `${listener.name} (${formatAddress(listener)})`)
      .join(', ');
    warnings.push(
      `directory ${name} has users with published passwords (${who}), and others than this machine can log in at ${where}: ` +
        'give them passwords of their own with `portcullis hash`, or remove them',
    );
  }
  if (insecurePlainText && users.length > 0) {
    warnings.push(`directory ${name} holds passwords as plain text: for demonstrations only`);
  }
  return warnings;
}

function databaseWarnings({ name, address, tls }: DjangoDirectoryConfig): string[] {
  if (tls.mode === 'verify' || isLoopback(address.host)) return [];
  return [
    `directory ${name} does not verify its database at ${formatAddress(address)}: whoever stands between can log in as everybody`,
  ];
}

function storeWarnings({ sessions: { store } }: Omit<Config, 'warnings'>): string[] {
  if (store.type !== 'redis') return [];
  const far = store.servers.filter(({ host }) => !isLoopback(host));
  if (far.length === 0) return [];
  const where = far.map((server) => formatAddress(server)).join(', ');
  if (store.tls === null) {
    return [
      `sessions.store speaks to Redis at ${where} in the clear: whoever is on the way learns when who is logged in, and the password of Redis`,
    ];
  }
  if (store.tls.isVerified) return [];
  return [
    `sessions.store does not verify Redis at ${where}: whoever stands between can end sessions, and keep them from ending`,
  ];
}

function staleWarnings({ routes }: ListenerConfig): string[] {
  return routes
    .filter(({ serveStaleMs }) => serveStaleMs > 0)
    .map(
      ({ id, serveStaleMs }) =>
        `route ${id} lets sessions in for ${formatDuration(serveStaleMs)} while their store cannot be asked: also those that have ended meanwhile`,
    );
}

function exposureWarnings(listener: ListenerConfig): string[] {
  const { name, isSecure, trustedPeers, trustedProxies, limits } = listener;
  const warnings: string[] = [];
  if (trustedPeers.some((peers) => peers.endsWith('/0'))) {
    warnings.push(
      `listener ${name} trusts every address in trustedPeers: whoever reaches it can ask about any cookie`,
    );
  }
  if (trustedProxies.some((proxies) => proxies.endsWith('/0'))) {
    warnings.push(
      `listener ${name} trusts every address in trustedProxies: any client can say where it comes from and that it came by TLS`,
    );
  }
  if (!isOpen(listener)) return warnings;
  const address = formatAddress(listener);
  if (limits.connectionsPerAddressMax === 0) {
    warnings.push(
      `listener ${name} is open to others at ${address} without connectionsPerAddressMax: one client can take all connections`,
    );
  }
  if (!isSecure && usesSessions(listener)) {
    warnings.push(
      `listener ${name} is open to others at ${address} without TLS: passwords and session cookies can be read on the way`,
    );
  }
  return warnings;
}

function upstreamTlsWarnings({ name, servers, tls }: UpstreamConfig): string[] {
  const isUsed = servers.some((server) => server.isSecure);
  if (isUsed && !tls.isVerified) {
    return [
      `upstream ${name} believes any certificate (tls.verify: false): whoever is on the way can be its servers, and reads who the users are`,
    ];
  }
  const isSaid = tls.caFile !== null || tls.serverName !== null || tls.clientCertificate !== null;
  return !isUsed && (isSaid || !tls.isVerified)
    ? [`upstream ${name} has a tls section, but none of its servers begins with https://`]
    : [];
}

/** Settings that nothing in the file makes use of were meant for something. */
function upstreamWarnings({ balance, name, names, servers }: UpstreamConfig): string[] {
  const isNamed = servers.some(({ host, socketPath }) => socketPath === null && isIP(host) === 0);
  return [
    ...(names.servers.length > 0 && !isNamed
      ? [`upstream ${name} has name servers, but none of its servers has a host name`]
      : []),
    ...(balance !== 'roundRobin' && servers.length === 1 && !isNamed
      ? [`upstream ${name} has a balance, but one server`]
      : []),
  ];
}

function adminWarnings({ admin }: Omit<Config, 'warnings'>): string[] {
  if (admin === null || isLoopback(admin.host)) return [];
  const where = `admin is open to others at ${formatAddress(admin)}`;
  return [
    `${where}, and health and metrics ask nobody for a password: let only operators reach it`,
    ...(admin.isSecure ? [] : [`${where}, and takes the passwords of staff in the clear there`]),
  ];
}

function loginWarnings({ listeners, login, directories }: Omit<Config, 'warnings'>): string[] {
  const warnings: string[] = [];
  const isLoginThere = listeners.some(hasLogin);
  if (!isLoginThere && listeners.some(usesSessions)) {
    warnings.push('no listener has the login endpoint, so that nobody can get a session');
  }
  const asked = directories.filter((directory) => login.directories.includes(directory.name));
  if (isLoginThere && asked.every(isEmpty)) {
    warnings.push('no directory that is asked has users, so that nobody can log in');
  }
  if (isLoginThere && !login.throttle.isEnabled) {
    warnings.push('login.throttle is off: passwords can be guessed as fast as they can be checked');
  }
  return warnings;
}

function unusedWarnings({
  listeners,
  upstreams,
  login,
  directories,
}: Omit<Config, 'warnings'>): string[] {
  const used = new Set<string>();
  for (const { target } of listeners.flatMap((listener) => listener.routes)) {
    if (target.kind === 'upstream') used.add(target.upstream);
  }
  const spare = upstreams.filter((upstream) => !used.has(upstream.name));
  const unasked = directories.filter((directory) => !login.directories.includes(directory.name));
  return [
    ...spare.map((upstream) => `upstream ${upstream.name} is used by no route`),
    ...unasked.map((directory) => `directory ${directory.name} is not in login.directories`),
  ];
}

function shadowWarnings({ name, routes }: ListenerConfig): string[] {
  const warnings: string[] = [];
  for (const [index, route] of routes.entries()) {
    const earlier = routes.slice(0, index).find((other) => shadows(other, route));
    if (earlier === undefined) continue;
    warnings.push(
      `route ${route.id} of listener ${name} is never reached: route ${earlier.id} before it takes all of its requests`,
    );
  }
  return warnings;
}

/**
 * Whether an earlier route takes everything that a later one matches. The most specific route wins
 * wherever it stands, so that takes the same path, and conditions of the same kind.
 */
function shadows(earlier: RouteConfig, later: RouteConfig): boolean {
  const isSamePath =
    earlier.path.kind === later.path.kind &&
    withoutSlash(earlier.path) === withoutSlash(later.path);
  const hasPattern = ({ hosts }: RouteConfig) => hosts.some((host) => host.startsWith('*.'));
  return (
    isSamePath &&
    hasPattern(earlier) === hasPattern(later) &&
    includesAll(earlier.hosts, later.hosts) &&
    includesAll(earlier.methods, later.methods)
  );
}

/** For conditions, where an empty list is no condition. */
function includesAll(outer: readonly string[], inner: readonly string[]): boolean {
  if (outer.length === 0 || inner.length === 0) return outer.length === inner.length;
  return inner.every((word) => outer.includes(word));
}

/** The two spellings of a prefix are one. */
function withoutSlash({ kind, value }: RouteConfig['path']): string {
  return kind === 'prefix' ? value.replace(/\/$/, '') : value;
}

function tykeNameWarnings({ identity, directories }: Omit<Config, 'warnings'>): string[] {
  if (identity.format !== 'tyke') return [];
  const fits = (text: string) => /^[\x20-\x7e]*$/.test(text) && !/[:,]/.test(text);
  return staticDirectories(directories).flatMap(({ name, users }) =>
    users
      .filter((user) => ![user.username, user.role, ...user.groups].every(fits))
      .map(
        ({ username }) =>
          `user ${username} of directory ${name} cannot log in: identity.format tyke cannot carry that name, role or group`,
      ),
  );
}

/** As far as this file tells. */
function isEmpty(directory: DirectoryConfig): boolean {
  return directory.type === 'static' && directory.users.length === 0;
}

function hasLogin({ routes }: ListenerConfig): boolean {
  return routes.some(
    ({ target }) => target.kind === 'endpoint' && /^login(?:Page)?$/.test(target.endpoint),
  );
}

function usesSessions(listener: ListenerConfig): boolean {
  const isAnybody = ({ auth }: RouteConfig) => auth === 'none' || auth === 'token-cache';
  return hasLogin(listener) || !listener.routes.every(isAnybody);
}

function isOpen({ host }: ListenerConfig): boolean {
  return !isLoopback(host);
}
