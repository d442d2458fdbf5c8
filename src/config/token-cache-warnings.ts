import { isLoopback } from './address.ts';
import type { Config } from './config.ts';
import { formatDuration } from './duration.ts';

type Given = Pick<Config, 'listeners' | 'tokenCaches' | 'zones'>;

/** What is allowed of zones and token caches but deserves to be said. */
export function tokenCacheWarnings(config: Given): readonly string[] {
  return [
    ...config.tokenCaches.flatMap((cache) => cacheWarnings(cache, config)),
    ...config.listeners.flatMap((listener) => apiWarnings(listener)),
    ...config.zones
      .filter(({ name }) => !isZoneUsed(name, config))
      .map(({ name }) => `zone ${name} is used by no token cache and no keyval API`),
  ];
}

function cacheWarnings(
  { key, name, refreshAheadMs, service, zone }: Config['tokenCaches'][number],
  { listeners, zones }: Given,
): string[] {
  const warnings: string[] = [];
  const routes = listeners.flatMap((listener) => listener.routes);
  const deciding = routes.filter(
    ({ auth, tokens }) => auth === 'token-cache' && tokens?.cache === name,
  );
  const isSaidByClient = key.every(
    ({ by }) => by === 'header' || by === 'host' || by === 'address',
  );
  if (deciding.length > 0 && isSaidByClient) {
    warnings.push(
      `token cache ${name} decides who passes by what clients send (${key.map(textOf).join(', ')}): that authenticates nobody, ` +
        'whoever sends the same gets the same token',
    );
  }
  if (routes.every(({ tokens }) => tokens?.cache !== name)) {
    warnings.push(`token cache ${name} is used by no route`);
  }
  const livesMs = zones.find((one) => one.name === zone)?.livesMs ?? Infinity;
  if (refreshAheadMs * 2 > livesMs) {
    warnings.push(
      `token cache ${name} refreshes ${formatDuration(refreshAheadMs)} ahead, more than half of what its zone lets a token live: half of that is taken`,
    );
  }
  if (service.type === 'http' && isFarInTheClear(service.url)) {
    warnings.push(
      `token cache ${name} asks ${new URL(service.url).host} in the clear: whoever is on the way reads the tokens`,
    );
  }
  return warnings;
}

function textOf(part: Config['tokenCaches'][number]['key'][number]): string {
  return part.by === 'header' ? `header:${part.field}` : part.by;
}

function isFarInTheClear(url: string): boolean {
  const { hostname, protocol } = new URL(url);
  return protocol === 'http:' && !isLoopback(hostname.replace(/^\[|\]$/g, ''));
}

function apiWarnings({ name, routes }: Config['listeners'][number]): string[] {
  return routes.flatMap(({ auth, hosts, id, target }) => {
    if (target.kind !== 'keyval' || auth === 'session') return [];
    const { allowedPeers, isWritable } = target.api;
    const warnings: string[] = [];
    if (isWritable && allowedPeers.some((peers) => peers.endsWith('/0'))) {
      warnings.push(
        `route ${id} of listener ${name} lets every address change key-value zones without a session`,
      );
    }
    if (hosts.length === 0) {
      warnings.push(
        `route ${id} of listener ${name} has neither hosts nor auth: session: its keyval API answers only ` +
          'where it is asked for by an address or as localhost',
      );
    }
    return warnings;
  });
}

function isZoneUsed(name: string, { listeners, tokenCaches }: Given): boolean {
  if (tokenCaches.some(({ zone }) => zone === name)) return true;
  return listeners
    .flatMap(({ routes }) => routes)
    .some(({ target }) => target.kind === 'keyval' && (target.api.zones?.includes(name) ?? true));
}
