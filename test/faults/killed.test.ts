import { describe, expect, test } from 'vitest';
import { BusyPeople, statusOf } from '../support/busy-people.ts';
import { Gateway } from '../support/gateway.ts';
import { planned, type GatewayYaml } from '../support/gateway-yaml.ts';
import { patientMs } from '../support/patience.ts';
import { ok, RecordingUpstream } from '../support/recording-upstream.ts';
import { RedisServer } from '../support/redis-server.ts';
import { SessionFolder } from '../support/session-file.ts';
import { waitFor } from '../support/wait-for.ts';
import { nodesOf } from '../support/worker-processes.ts';

const keys = [{ id: 'k1', secret: 'a-secret-of-these-tests-0123456789abcdef' }];
const clients = 6;
/** With `everysec` Redis answers before it writes whenever the disk is busy: what came last may be lost. */
const durable = ['--appendonly', 'yes', '--appendfsync', 'always'];

function yamlOf(store: Record<string, unknown>, upstreamPort: number): GatewayYaml {
  return planned({
    upstreamPorts: [upstreamPort],
    sections: {
      workers: 2,
      accessLog: { enabled: false },
      sessions: { store, sessionsPerUserMax: 100_000 },
      coherence: { staleness: '1s', settle: '200ms' },
      tokens: { keys },
    },
  });
}

/** So many logins and logouts more are acknowledged: whoever is left serves on. */
async function servesOn(busy: BusyPeople): Promise<void> {
  const goal = busy.acknowledged + 40;
  await waitFor('logins and logouts', () => busy.acknowledged >= goal, 30_000);
}

async function killWorker(gateway: Gateway, place: number): Promise<void> {
  const { workers } = await nodesOf(gateway);
  process.kill(workers.find(({ worker }) => worker === place)?.pid ?? 0, 'SIGKILL');
}

/** Under load, one after the other: each worker, the store where it is a process, the primary. Then a new start. */
async function killAll(yaml: GatewayYaml, killStore: () => Promise<void>): Promise<void> {
  const live = new Set<string>();
  const ended = new Set<string>();
  {
    await using gateway = await Gateway.start(yaml);
    await using busy = new BusyPeople(gateway.edge, clients);
    await servesOn(busy);
    for (const place of [1, 2]) {
      await killWorker(gateway, place);
      await servesOn(busy);
    }
    await killStore();
    await servesOn(busy);
    gateway.process.signal('SIGKILL');
    await gateway.process.exit;
    await busy.stop();
    for (const cookie of busy.live) live.add(cookie);
    for (const cookie of busy.ended) ended.add(cookie);
  }
  await using gateway = await Gateway.start(yaml);
  for (const cookie of live) expect(await statusOf(gateway.edge, cookie)).toBe(200);
  for (const cookie of ended) expect(await statusOf(gateway.edge, cookie)).toBe(401);
  expect([live.size > 30, ended.size > 30]).toEqual([true, true]);
}

describe('kill -9 under load loses no acknowledged login and undoes no acknowledged logout', () => {
  test(
    'of workers and of the primary, with sessions in a file',
    async () => {
      await using upstream = await RecordingUpstream.start({ answer: ok() });
      await using folder = await SessionFolder.make();
      const store = { type: 'sqlite', path: folder.file };
      await killAll(yamlOf(store, upstream.port), () => Promise.resolve());
    },
    patientMs(120_000),
  );

  test(
    'of workers, of Redis with its append-only file, and of the primary',
    async () => {
      await using upstream = await RecordingUpstream.start({ answer: ok() });
      await using redis = await RedisServer.start({ args: [...durable] });
      const store = { type: 'redis', servers: [redis.address] };
      await killAll(yamlOf(store, upstream.port), async () => {
        await redis.kill();
        await redis.launch();
      });
    },
    patientMs(120_000),
  );
});
