import { isDeepStrictEqual } from 'node:util';
import { formatAddress } from './address.ts';
import type { Config } from './config.ts';
import type { ListenerConfig } from './listener.ts';
import type { RouteConfig } from './route.ts';

/**
 * The ids of the routes that mean the same in both configurations: what is under way on them may go on. A listener has to
 * be where it was, and a route's upstream what it was.
 */
export function unchangedRoutes(before: Config, after: Config): Set<string> {
  return new Set(
    before.listeners.flatMap((listener) => {
      const other = after.listeners.find(({ name }) => name === listener.name);
      if (other === undefined || !isSamePlace(listener, other)) return [];
      return listener.routes
        .filter((route) => isSame(route, other, before, after))
        .map(({ id }) => id);
    }),
  );
}

function isSamePlace(one: ListenerConfig, other: ListenerConfig): boolean {
  return formatAddress(one) === formatAddress(other);
}

function isSame(route: RouteConfig, after: ListenerConfig, old: Config, young: Config): boolean {
  const other = after.routes.find(({ id }) => id === route.id);
  if (other === undefined || !isDeepStrictEqual(route, other)) return false;
  const { target } = route;
  if (target.kind !== 'upstream') return true;
  const upstreamOf = ({ upstreams }: Config) =>
    upstreams.find(({ name }) => name === target.upstream);
  return isDeepStrictEqual(upstreamOf(old), upstreamOf(young));
}
