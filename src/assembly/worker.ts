import { AdminServer } from '../admin/admin-server.ts';
import { Readiness, type ReadinessCheck } from '../admin/readiness.ts';
import { formatAddress } from '../config/address.ts';
import type { AdminConfig } from '../config/admin.ts';
import { listenFailure } from '../lifecycle/listen-failure.ts';
import type { Service } from '../lifecycle/service.ts';
import { errorFields } from '../observability/error-fields.ts';
import { createMetrics } from '../observability/prometheus.ts';
import { figuresOf } from './figures.ts';
import { createListener, type BoundListener } from './listener.ts';
import { createShared, type Shared, type WorkerParts } from './shared.ts';

/**
 * One gateway process out of its configuration: its services, in the order in which they start. Throws where the
 * configuration cannot be built after all (an access log that cannot be opened, a hash that no login would compute).
 */
export function createWorker(parts: WorkerParts): readonly Service[] {
  const shared = createShared(parts);
  const { accessLog, directories, pool, sessions, store, streams, upstreams } = shared;
  const { admin } = parts.config;
  const listeners = parts.config.listeners.map((listener) => createListener(listener, shared));
  return [
    { name: 'access log', stop: () => accessLog.stop() },
    { name: 'password hashing', start: () => pool.start(), stop: () => pool.stop() },
    { name: 'directories', stop: () => directories.close() },
    { name: 'session store', start: () => store.start?.(), stop: () => store.stop?.() },
    { name: 'sessions', start: () => sessions.start(), stop: () => sessions.stop() },
    { name: 'live streams', start: () => streams.start(), stop: () => streams.stop() },
    {
      name: 'upstream connections',
      stop: () =>
        [...upstreams.values()].forEach(({ pools }) => pools.forEach((one) => one.stop())),
    },
    ...(admin === null ? [] : [adminService(admin, shared, listeners)]),
    ...listeners.map(({ service }) => service),
  ];
}

function adminService(
  config: AdminConfig,
  shared: Shared,
  listeners: readonly BoundListener[],
): Service {
  const { lifecycle, log } = shared.parts;
  const server = new AdminServer({
    config,
    readiness: new Readiness(lifecycle, coherenceChecks(shared)),
    metrics: createMetrics(figuresOf(shared, listeners)),
    onFault: (error) => log.error('admin.failed', errorFields(error)),
  });
  return {
    name: server.name,
    start: async () => {
      try {
        await server.start();
        log.info('admin.ready', { address: formatAddress({ ...config, port: server.port }) });
      } catch (error) {
        throw new Error(listenFailure(formatAddress(config), error), { cause: error });
      }
    },
    stop: () => server.stop(),
  };
}

/** Whether requests could be decided: a worker that cannot ask the store is no place to send them to. */
function coherenceChecks({ store }: Shared): readonly ReadinessCheck[] {
  const { findings, follower } = store;
  if (follower === null) return [];
  return [
    // It serves, and somebody should look at it.
    {
      name: 'store',
      isOk: () => true,
      state: () => (findings?.().length ? 'unsafe' : 'ok'),
    },
    {
      name: 'coherence',
      isOk: () => follower.state === 'coherent' || follower.state === 'suspect',
      state: () => follower.state,
    },
  ];
}
