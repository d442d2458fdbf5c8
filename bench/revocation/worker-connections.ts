import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { KeptConnection } from '../processes/kept-connection.ts';

/** A node whose workers are to be reached. */
export interface ReachedNode {
  readonly port: number;
  readonly workerPids: readonly number[];
}

const openAtOnce = 16;
const attemptsMax = 60;
/** Any answer says that a worker has taken the connection. */
const question = 'GET /api/hello HTTP/1.1\r\nHost: a\r\n\r\n';

/**
 * So many connections to each worker of a node, by worker. Workers take connections from one queue, so as many are opened
 * as it needs; the kernel says who has got which.
 */
export async function connectToWorkers(
  node: ReachedNode,
  each: number,
  signal: AbortSignal,
): Promise<KeptConnection[][]> {
  const byPid = new Map<number, KeptConnection[]>(node.workerPids.map((pid) => [pid, []]));
  const isDone = (): boolean => [...byPid.values()].every((taken) => taken.length >= each);
  try {
    for (let attempt = 0; attempt < attemptsMax && !isDone(); attempt += 1) {
      signal.throwIfAborted();
      const opened = await Promise.all(
        Array.from({ length: openAtOnce }, () => KeptConnection.open(node.port)),
      );
      await Promise.all(opened.map((one) => one.ask(question)));
      const owners = ownersOf(node);
      for (const one of opened) {
        const taken = byPid.get(owners.get(one.localPort) ?? 0);
        if (taken !== undefined && taken.length < each) taken.push(one);
        else one.close();
      }
    }
    if (!isDone()) throw new Error('some worker takes no connections');
    return [...byPid.values()];
  } catch (error) {
    for (const one of [...byPid.values()].flat()) one.close();
    throw error;
  }
}

/** Which worker has the connection that comes from a port of ours. */
function ownersOf({ port, workerPids }: ReachedNode): Map<number, number> {
  const portOfInode = new Map<string, number>();
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n')) {
    const [, local = '', remote = '', , , , , , , inode = ''] = line.trim().split(/\s+/);
    if (portOf(local) === port) portOfInode.set(inode, portOf(remote));
  }
  const owners = new Map<number, number>();
  for (const pid of workerPids) {
    for (const file of readdirSync(`/proc/${pid}/fd`)) {
      const [, inode = ''] = /^socket:\[(\d+)\]$/.exec(linkAt(`/proc/${pid}/fd/${file}`)) ?? [];
      const from = portOfInode.get(inode);
      if (from !== undefined) owners.set(from, pid);
    }
  }
  return owners;
}

/** Of `0100007F:1F90`. */
function portOf(address: string): number {
  return Number.parseInt(address.split(':')[1] ?? '', 16);
}

function linkAt(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // Closed while we looked.
  }
}
