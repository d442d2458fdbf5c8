import { formatAddress, isLoopback } from '../config/address.ts';
import type { Config } from '../config/config.ts';
import type { ListenerConfig } from '../config/listener.ts';
import type { RouteConfig } from '../config/route.ts';
import { Route } from '../gateway/route.ts';
import { RouteTable } from '../gateway/route-table.ts';
import { rangesBeyond } from './ranges-beyond.ts';
import { isNoWider } from './requirement-order.ts';

/** Of each listener: more hosts than that are not tried against each other. */
const hostsMax = 64;
/** Of a request with a route: some tens of milliseconds, in which nobody else has a turn. */
const comparisonsMax = 2_000_000;

/**
 * What lets in more people after than before, one sentence each. Found by asking the routes of both about the same
 * requests: a route that has gone, a new one in front and a changed one may all make the same thing public.
 */
export function exposures(before: Config, after: Config): readonly string[] {
  return after.listeners.flatMap((listener) => {
    const old = before.listeners.find(({ name }) => name === listener.name);
    if (old === undefined) return addressExposure(old, listener);
    return [
      ...addressExposure(old, listener),
      ...trustExposures(old, listener),
      ...routeExposures(old, listener),
    ];
  });
}

function addressExposure(before: ListenerConfig | undefined, after: ListenerConfig): string[] {
  if (isLoopback(after.host) || (before !== undefined && !isLoopback(before.host))) return [];
  const what = before === undefined ? 'is new' : 'was on loopback';
  return [`listener ${after.name} ${what} and is open to others at ${formatAddress(after)}`];
}

/** Whose word about clients is taken, and who may ask about others. */
function trustExposures(before: ListenerConfig, after: ListenerConfig): readonly string[] {
  return (['trustedProxies', 'trustedPeers'] as const).flatMap((list) => {
    const ranges = rangesBeyond(before[list], after[list]);
    if (ranges.length === 0) return [];
    return [`listener ${after.name} trusts more than before: ${list} has ${ranges.join(', ')}`];
  });
}

interface Asked {
  readonly host: string;
  readonly method: string;
  readonly path: string;
}

function routeExposures(before: ListenerConfig, after: ListenerConfig): readonly string[] {
  const [old, young] = [tableOf(before), tableOf(after)];
  const found = new Map<string, string>();
  const costs = before.routes.length + after.routes.length;
  let comparisons = 0;
  for (const { host, method, path } of requestsOf(before.routes, after.routes)) {
    comparisons += costs;
    if (comparisons > comparisonsMax) {
      const what = 'has so many routes that not all were tried: there may be more';
      return [...found.values(), `listener ${after.name} ${what}`];
    }
    const was = old.find(host, method, path);
    const is = young.find(host, method, path);
    if (is === null || isHarmless(is.config)) continue;
    const sentence = exposureOf(was, is, after.name, `${method} ${host}${path}`);
    // One example says enough.
    const key = `${was?.config.id ?? ''} ${is.config.id}`;
    if (sentence !== null && !found.has(key)) found.set(key, sentence);
  }
  return [...found.values()];
}

function exposureOf(was: Route | null, is: Route, name: string, example: string): string | null {
  const where = `route ${is.config.id} of listener ${name} (${example})`;
  if (!is.needsPrincipal) {
    if (was === null) return `${where} is new and asks nobody for a session`;
    if (!was.needsPrincipal) return null;
    return `${where} asks nobody for a session any more: route ${was.config.id} did`;
  }
  if (was?.needsPrincipal !== true) return null;
  const [old, young] = [was.config.require, is.config.require];
  if (old !== null && young === null) {
    return `${where} lets in whoever is logged in: route ${was.config.id} asked for more`;
  }
  const isOtherProof =
    (is.takesBearer && !was.takesBearer) || (is.takesSession && !was.takesSession);
  if (isNoWider(old, young) && !isOtherProof) return null;
  const what = isOtherProof ? 'another proof of who it is' : 'another requirement';
  return `${where} may let in others than before: it has ${what} than route ${was.config.id} had`;
}

/** What is meant for everybody, and fixed answers with nothing in them. */
function isHarmless({ target }: RouteConfig): boolean {
  if (target.kind === 'respond') return target.body === '';
  return target.kind === 'endpoint';
}

/** One at the place of each route, and one below it; then the same for other hosts. Each once. */
function* requestsOf(...lists: readonly (readonly RouteConfig[])[]): Generator<Asked> {
  const routes = lists.flat();
  const asked = new Set<string>();
  const everyHost = [...new Set(routes.flatMap(({ hosts }) => hosts.map(exampleOf)))];
  const others = everyHost.slice(0, hostsMax);
  const rounds = [
    ({ hosts }: RouteConfig) => (hosts.length > 0 ? hosts.map(exampleOf) : ['any.invalid']),
    ({ hosts }: RouteConfig) => (hosts.length > 0 ? [] : others),
  ];
  for (const hostsOf of rounds) {
    for (const route of routes) {
      for (const request of requestsAt(route, hostsOf(route))) {
        const key = `${request.method} ${request.host} ${request.path}`;
        if (asked.has(key)) continue;
        asked.add(key);
        yield request;
      }
    }
  }
}

function requestsAt({ methods, path: at }: RouteConfig, hosts: readonly string[]): Asked[] {
  const below = `${at.value.replace(/\/$/, '')}/x`;
  const paths = at.kind === 'exact' ? [at.value] : [at.value, below];
  const tried = methods.length > 0 ? methods : ['GET', 'POST'];
  return paths.flatMap((path) =>
    hosts.flatMap((host) => tried.map((method) => ({ host, method, path }))),
  );
}

function exampleOf(host: string): string {
  return host.startsWith('*.') ? `any${host.slice(1)}` : host;
}

function tableOf({ name, routes }: ListenerConfig): RouteTable {
  const reply = { status: 200, fields: [], body: '' };
  return new RouteTable(routes.map((route) => new Route(name, route, { kind: 'respond', reply })));
}
