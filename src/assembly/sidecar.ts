import type { Config } from '../config/config.ts';
import type { ListenerConfig } from '../config/listener.ts';
import type { Endpoint } from '../gateway/endpoint.ts';
import { hasMethodRules } from '../gateway/method-rules.ts';
import { Pipeline } from '../gateway/pipeline.ts';
import type { RouteCounters } from '../gateway/route-counters.ts';
import { RouteTable } from '../gateway/route-table.ts';
import { Route, type RouteTarget } from '../gateway/route.ts';
import { Tracing } from '../gateway/tracing.ts';
import { METHOD_OVERRIDES } from '../http/field-names.ts';
import { AddressSet } from '../lib/address-set.ts';
import { systemClock } from '../lib/clock.ts';
import { errorFields } from '../observability/error-fields.ts';
import type { ListenerCounters } from '../wire/counters.ts';
import type { Gate } from '../wire/lane.ts';
import { SidecarGate } from '../wire/sidecar-gate.ts';
import type { Shared } from './shared.ts';

/** The gate of a listener where proxies ask, with the routes that decide there. */
export interface SidecarDoor {
  readonly gate: Gate;
  readonly routes: readonly Route[];
}

/** What the listener that is asked counts by. */
interface AskedCounters {
  readonly counters: ListenerCounters;
  readonly unrouted: RouteCounters;
}

/** `own` where no proxy asks. */
export function createSidecars(
  config: ListenerConfig,
  own: Gate,
  { counters, unrouted }: AskedCounters,
  shared: Shared,
): SidecarDoor {
  if (config.sidecars.length === 0) return { gate: own, routes: [] };
  const refused = shared.answers.answer('notAllowed', { isSecure: false, wantsHtml: false });
  const asked = new Set(config.sidecars.map((sidecar) => sidecar.decidesAs));
  const decisions = new Map(
    shared.parts.config.listeners
      .filter((listener) => asked.has(listener.name))
      .map((listener) => [listener.name, createDecision(listener, config, unrouted, shared)]),
  );
  const sidecars = config.sidecars.map((sidecar) => {
    const decision = decisions.get(sidecar.decidesAs);
    if (decision === undefined) throw new Error(`no listener ${sidecar.decidesAs}`);
    return { config: sidecar, decision: decision.gate, limits: decision.limits };
  });
  const trustedPeers = new AddressSet(config.trustedPeers);
  const { names } = shared;
  const failed = (error: unknown): void =>
    shared.parts.log.error('sidecar.failed', errorFields(error));
  return {
    gate: new SidecarGate({ own, sidecars, trustedPeers, names, refused, counters, failed }),
    routes: [...decisions.values()].flatMap(({ routes }) => routes),
  };
}

/** What a listener would decide, for those who forward by themselves. */
function createDecision(
  listener: ListenerConfig,
  asking: ListenerConfig,
  unrouted: RouteCounters,
  shared: Shared,
): SidecarDoor & { readonly limits: ListenerConfig['limits'] } {
  const { config, log } = shared.parts;
  const refusal: Endpoint = {
    bodyBytesMax: 0,
    answer: ({ isSecure }) => shared.answers.answer('notAllowed', { isSecure, wantsHtml: false }),
  };
  const without = removedFields(listener, config);
  const routes = listener.routes.map(
    (route) =>
      new Route(
        asking.name,
        route,
        targetElsewhere(route.target, refusal, without),
        route.rateLimits.flatMap((name) => shared.limits.get(name) ?? []),
        shared.tokenCaches.of(route),
        'sidecar',
      ),
  );
  // Whoever asks says whose request it is, and has neighbours of its own.
  const trustedProxies = new AddressSet([...asking.trustedPeers, ...listener.trustedProxies]);
  const gate = new Pipeline({
    ...shared,
    // Only a description of them came.
    recent: null,
    listener,
    loginUrl: config.login.url,
    routes: new RouteTable(routes),
    unrouted,
    isAsked: true,
    trustedPeers: new AddressSet([]),
    trustedProxies,
    tracing: new Tracing(config.tracing, trustedProxies),
    clock: systemClock,
    failed: (error, requestId) => log.error('sidecar.failed', { requestId, ...errorFields(error) }),
  });
  return { gate, routes, limits: listener.limits };
}

/** What the listener would keep from its upstreams on every route, by names that others can take out. */
function removedFields({ routes }: ListenerConfig, config: Config): readonly string[] {
  const own = [config.identity.field, ...config.tokenCaches.map(({ field }) => field)];
  const names = ['cookie', 'proxy', ...own.map((name) => name.toLowerCase())];
  return [...new Set(hasMethodRules(routes) ? [...names, ...METHOD_OVERRIDES] : names)];
}

function targetElsewhere(
  target: ListenerConfig['routes'][number]['target'],
  refusal: Endpoint,
  without: readonly string[],
): RouteTarget {
  switch (target.kind) {
    case 'upstream': {
      const { areWebSocketsAllowed, isAuthorizationKept, webSocketOrigins } = target;
      const proceedsWithout = isAuthorizationKept ? without : ['authorization', ...without];
      return { kind: 'elsewhere', areWebSocketsAllowed, proceedsWithout, webSocketOrigins };
    }
    case 'respond': {
      const { body, contentType, status } = target;
      return { kind: 'respond', reply: { status, fields: [['Content-Type', contentType]], body } };
    }
    case 'keyval':
      return { kind: 'endpoint', name: 'keyval', endpoint: refusal };
    case 'endpoint':
      // Ours to answer: the proxy has to send such requests here instead of asking.
      return { kind: 'endpoint', name: target.endpoint, endpoint: refusal };
  }
}
