import { RedisServer } from '../redis-server.ts';
import { waitFor } from '../wait-for.ts';
import { FaultyRelay } from './faulty-relay.ts';
import type { Fleet } from './fleet.ts';
import { machineMs } from './history.ts';

/** A replica of a fleet's primary that has everything, and the way between the two. Both end with the fleet. */
export async function replicaOf(
  fleet: Fleet,
): Promise<{ readonly replica: RedisServer; readonly link: FaultyRelay }> {
  const primary = fleet.primary.server;
  // It would wait five seconds for further replicas.
  await primary.command('CONFIG', 'SET', 'repl-diskless-sync-delay', 0);
  const link = await FaultyRelay.start(() => primary.port);
  const replica = await RedisServer.start({
    args: ['--appendonly', 'yes', '--appendfsync', 'always'],
  });
  // Not an argument: when it is started again later it is to be a primary.
  await replica.command('REPLICAOF', '127.0.0.1', link.port);
  fleet.own(link);
  fleet.own(replica);
  await waitFor('the replica to have everything', () => hasEverything(replica), 20_000);
  return { replica, link };
}

/**
 * On its disk, too: after a synchronisation Redis writes its append-only file anew, and before that is done nothing of what
 * it acknowledges as a primary would outlive it.
 */
async function hasEverything(replica: RedisServer): Promise<boolean> {
  const status = String(await replica.command('INFO', 'replication'));
  const disk = String(await replica.command('INFO', 'persistence'));
  return (
    status.includes('master_link_status:up') &&
    disk.includes('aof_enabled:1') &&
    disk.includes('aof_rewrite_in_progress:0') &&
    disk.includes('aof_rewrite_scheduled:0')
  );
}

/**
 * A time until which the replica has all that its primary has acknowledged. It answers before its replica has heard, so on a
 * busy machine what it acknowledged some tenths of a second ago may be lost with it.
 */
export async function caughtUp(primary: RedisServer, replica: RedisServer): Promise<number> {
  const at = machineMs();
  await primary.command('SET', 'caught-up', at);
  await waitFor(
    'the replica to catch up',
    async () => Number(await replica.command('GET', 'caught-up')) === at,
    20_000,
  );
  return at;
}
