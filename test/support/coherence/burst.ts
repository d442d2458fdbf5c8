import { createRedisStore } from '../../../src/assembly/redis-store.ts';
import type { StoreService } from '../../../src/assembly/session-store.ts';
import type { Config } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { cookieNameFor } from '../../../src/http/set-cookie.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { createLog } from '../../../src/observability/log.ts';
import { createSessionId, sessionKeyOf } from '../../../src/session/session.ts';
import { KeyRing } from '../../../src/tokens/key-ring.ts';
import { SessionTokens } from '../../../src/tokens/session-token.ts';
import { ask } from '../raw-client.ts';
import { request } from '../request.ts';
import { waitFor } from '../wait-for.ts';
import type { Fault } from './fault.ts';
import type { Fleet } from './fleet.ts';
import { machineMs } from './history.ts';

const atOnce = 64;
/** Of those that end, so many are used on every node before, meanwhile and after. */
const shown = 40;
const directory = 'demo';
const subject = 'burst';
const nobody = {
  apply: () => {},
  jump: () => {},
  revokedLately: () => [],
};

interface Opened {
  readonly key: string;
  readonly cookie: string;
}

/** As fast as one process can say it, each an entry of its own. */
export function burst(count: number): Fault {
  return {
    title: `${String(count)} sessions end in a burst`,
    run: async (fleet) => {
      const config = loadConfig(fleet.node(0).gateway.configPath);
      const service = await joined(config);
      try {
        const opened = await inParallel(count, () => open(service, config));
        const visited = opened.slice(0, shown);
        await visitAll(fleet, visited);
        const before = await appliedBy(fleet);
        await inParallel(count, async (index) => {
          const key = opened[index]?.key ?? '';
          await end(fleet, service, key);
        });
        await visitAll(fleet, visited);
        for (const [index, applied] of (await appliedBy(fleet)).entries()) {
          const more = applied - (before[index] ?? 0);
          if (more < count) throw new Error(`node ${String(index)} heard of ${String(more)}`);
        }
      } finally {
        await service.stop?.();
      }
    },
  };
}

/** As one more member of the cluster. */
async function joined(config: Config): Promise<StoreService> {
  const { store } = config.sessions;
  if (store.type !== 'redis') throw new Error('not on Redis');
  const log = createLog({ ...config.log, level: 'error' }, { write: () => {} }, systemClock);
  const service = createRedisStore(store, { config, log });
  service.follower?.lead(nobody, () => Promise.resolve('reminded'));
  await service.start?.();
  await waitFor('the store', () => service.follower?.state === 'coherent', 20_000);
  return service;
}

async function open({ store }: StoreService, config: Config): Promise<Opened> {
  const tokens = new SessionTokens(new KeyRing(config.tokens));
  const principal = { subject, directory, role: 'patient', groups: [], attributes: {} };
  const name = cookieNameFor(config.cookie, false);
  for (;;) {
    const id = createSessionId();
    const key = sessionKeyOf(id);
    const { kind } = await store.create({ key, principal, actor: null, since: null });
    if (kind === 'created') return { key, cookie: `${name}=${tokens.seal(id)}` };
  }
}

async function end(fleet: Fleet, { follower, store }: StoreService, key: string): Promise<void> {
  const sessions = [key];
  fleet.note({ kind: 'attempt', sessions, user: null, at: machineMs() });
  for (;;) {
    const answer = await store.revoke(sessions);
    // A reply that got lost, or was late: the outcome is unknown, and it is said again.
    if (answer.kind !== 'revoked') continue;
    fleet.note({ kind: 'reply', sessions, at: machineMs() });
    if (answer.commit !== null) await follower?.settle(answer.commit);
    fleet.note({ kind: 'answer', sessions, at: machineMs() });
    return;
  }
}

async function inParallel<Thing>(
  count: number,
  make: (index: number) => Promise<Thing>,
): Promise<Thing[]> {
  const things: Thing[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      things[index] = await make(index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return things;
}

async function visitAll(fleet: Fleet, visited: readonly Opened[]): Promise<void> {
  for (const { gateway } of fleet.nodes) {
    for (const { cookie } of visited) {
      await ask(gateway.edge, request('GET', '/x', [`Cookie: ${cookie}`, 'Connection: close']));
    }
  }
}

async function appliedBy(fleet: Fleet): Promise<number[]> {
  return await Promise.all(
    fleet.nodes.map(({ gateway }) => gateway.metric('portcullis_sessions_revoked_total')),
  );
}
