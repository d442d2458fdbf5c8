import type { Service } from '../lifecycle/service.ts';
import type { Shared } from './shared.ts';

/** What all listeners of a process have in common, in the order in which it starts. */
export function sharedServices(shared: Shared): Service[] {
  const { accessLog, audit, directories, pool, refresh, sessions, store, streams, upstreams } =
    shared;
  const { tokenCaches, zones } = shared;
  return [
    {
      name: 'access log',
      stop: async () => {
        await accessLog.stop();
        const { lostLines } = accessLog;
        if (lostLines > 0) shared.parts.log.warn('access_log.lost', { lines: lostLines });
      },
    },
    { name: 'audit log', stop: () => audit.stop() },
    { name: 'password hashing', start: () => pool.start(), stop: () => pool.stop() },
    { name: 'directories', stop: () => directories.close() },
    { name: 'session store', start: () => store.start?.(), stop: () => store.stop?.() },
    { name: 'standing', start: () => refresh.start(), stop: () => refresh.stop() },
    { name: 'sessions', start: () => sessions.start(), stop: () => sessions.stop() },
    {
      name: 'key-value zones',
      start: () => zones.start(),
      stop: async () => {
        zones.stop();
        await tokenCaches.stop();
      },
    },
    {
      name: 'live streams',
      start: () => streams.start(),
      drain: ({ keptRoutes, timeoutMs }) => {
        if (keptRoutes !== null) streams.keepOnly(keptRoutes, timeoutMs);
      },
      stop: () => streams.stop(),
    },
    {
      name: 'upstreams',
      start: async () => {
        await Promise.all([...upstreams.values()].map((upstream) => upstream.start()));
      },
      stop: () => [...upstreams.values()].forEach((upstream) => upstream.stop()),
    },
  ];
}
