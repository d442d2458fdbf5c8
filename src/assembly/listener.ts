import { formatAddress } from '../config/address.ts';
import type { ListenerConfig } from '../config/listener.ts';
import { Pipeline } from '../gateway/pipeline.ts';
import { RouteCounters } from '../gateway/route-counters.ts';
import { RouteTable } from '../gateway/route-table.ts';
import { Route } from '../gateway/route.ts';
import { Tracing } from '../gateway/tracing.ts';
import { AddressSet } from '../lib/address-set.ts';
import { systemClock } from '../lib/clock.ts';
import { listenFailure } from '../lifecycle/listen-failure.ts';
import type { Service } from '../lifecycle/service.ts';
import { errorFields } from '../observability/error-fields.ts';
import { ListenerCounters } from '../wire/counters.ts';
import { Http1Listener } from '../wire/http1-listener.ts';
import type { LaneOpener } from '../wire/open-connection.ts';
import type { ListenerSecurity } from './listener-security.ts';
import { routeTarget } from './route-target.ts';
import { createSidecars } from './sidecar.ts';
import type { Shared } from './shared.ts';

/** A listener as a service, with what is counted of it. */
export interface BoundListener {
  readonly service: Service;
  readonly counters: ListenerCounters;
  /** Of its routes, of what proxies ask here, and of what no route matches. */
  readonly routeCounters: readonly RouteCounters[];
  /** Null: clear text. */
  readonly secure: ListenerSecurity | null;
}

export async function createListener(
  config: ListenerConfig,
  shared: Shared,
): Promise<BoundListener> {
  const { log } = shared.parts;
  const trustedProxies = new AddressSet(config.trustedProxies);
  const tracing = new Tracing(shared.parts.config.tracing, trustedProxies);
  const routes = config.routes.map(
    (route) =>
      new Route(
        config.name,
        route,
        routeTarget(route, config, tracing, shared),
        route.rateLimits.flatMap((name) => shared.limits.get(name) ?? []),
        shared.tokenCaches.of(route),
      ),
  );
  const unrouted = new RouteCounters(config.name, '-');
  const pipeline = new Pipeline({
    ...shared,
    listener: config,
    loginUrl: shared.parts.config.login.url,
    routes: new RouteTable(routes),
    unrouted,
    trustedPeers: new AddressSet(config.trustedPeers),
    trustedProxies,
    tracing,
    clock: systemClock,
    failed: (error, requestId) =>
      log.error('endpoint.failed', { requestId, ...errorFields(error) }),
  });
  const counters = new ListenerCounters(config.name);
  const { gate, routes: asked } = createSidecars(config, pipeline, { counters, unrouted }, shared);
  const lanes = await lanesOf(config);
  const secure = await securityOf(config, lanes, shared);
  const door = secure?.door ?? null;
  const socket = shared.parts.seat?.socketOf(config.name) ?? null;
  const listener = new Http1Listener({
    ...shared,
    config: widened(config),
    gate,
    counters,
    door,
    lanes,
    socket,
  });
  const service: Service = {
    name: `listener ${config.name}`,
    start: async () => {
      try {
        const port = await listener.listen();
        secure?.certificates.start();
        log.info('listener.ready', {
          listener: config.name,
          address: formatAddress({ ...config, port }),
        });
      } catch (error) {
        throw new Error(listenFailure(formatAddress(config), error), { cause: error });
      }
    },
    drain: ({ idleMs, keptRoutes }) => listener.drain(idleMs, keptRoutes !== null),
    stop: () => {
      secure?.certificates.stop();
      listener.destroy();
    },
  };
  const routeCounters = [...routes, ...asked].map((route) => route.counters);
  return { service, counters, routeCounters: [unrouted, ...routeCounters], secure };
}

/** The lanes beside HTTP/1.1, by what ALPN calls them; the door announces those that are here. */
async function lanesOf({ tls }: ListenerConfig): Promise<ReadonlyMap<string, LaneOpener>> {
  if (tls?.isHttp2Offered !== true) return new Map();
  const { Http2Connection } = await import('../wire/http2-connection.ts');
  return new Map([['h2', (socket, peer, owner) => new Http2Connection(socket, peer, owner)]]);
}

async function securityOf(
  config: ListenerConfig,
  lanes: ReadonlyMap<string, LaneOpener>,
  shared: Shared,
): Promise<ListenerSecurity | null> {
  if (config.tls === null) return null;
  const { createSecurity } = await import('./listener-security.ts');
  return createSecurity({ ...config, tls: config.tls }, [...lanes.keys(), 'http/1.1'], shared);
}

/** The codec lets pass what any route may take; the decision then holds each route to its own limit. */
function widened(config: ListenerConfig): ListenerConfig {
  const { bodyBytesMax } = config.limits;
  const all = [bodyBytesMax, ...config.routes.map((route) => route.bodyBytesMax ?? bodyBytesMax)];
  const widest = all.includes(0) ? 0 : Math.max(...all);
  return { ...config, limits: { ...config.limits, bodyBytesMax: widest } };
}
