import type { RouteConfig } from '../config/route.ts';
import type { Route } from './route.ts';

/**
 * The routes of a listener, most specific first: a named host before a pattern before any host; then an exact path
 * before a prefix, a longer prefix before a shorter one; then named methods before any; then the order of the file.
 */
export class RouteTable {
  readonly routes: readonly Route[];

  constructor(routes: readonly Route[]) {
    this.routes = routes
      .map((route, order) => ({ route, order, rank: rankOf(route.config) }))
      .toSorted((one, other) => compare(one.rank, other.rank) || one.order - other.order)
      .map(({ route }) => route);
  }

  find(host: string, method: string, path: string): Route | null {
    const { routes } = this;
    for (let index = 0; index < routes.length; index++) {
      const route = routes[index];
      if (route !== undefined && route.matches(host, method, path)) return route;
    }
    return null;
  }
}

function rankOf(config: RouteConfig): readonly number[] {
  const hostRank =
    config.hosts.length === 0 ? 0 : config.hosts.some((host) => host.startsWith('*.')) ? 1 : 2;
  return [
    hostRank,
    config.path.kind === 'exact' ? Infinity : config.path.value.replace(/\/$/, '').length,
    config.methods.length > 0 ? 1 : 0,
  ];
}

function compare(one: readonly number[], other: readonly number[]): number {
  for (const [index, rank] of one.entries()) {
    const difference = (other[index] ?? 0) - rank;
    if (difference !== 0 && !Number.isNaN(difference)) return difference;
  }
  return 0;
}
