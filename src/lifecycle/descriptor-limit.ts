import { readFile } from 'node:fs/promises';

/**
 * How many descriptors this process may hold; null where the system does not say (anything but Linux). Node raises its
 * soft limit to the hard one when it starts, so what stands here is final.
 */
export async function readDescriptorLimit(path = '/proc/self/limits'): Promise<number | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return null;
  }
  const soft = /^Max open files\s+(\d+|unlimited)\s/m.exec(text)?.[1];
  if (soft === undefined) return null;
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}

/** Standard streams, event loops of the main and the hashing threads, listeners, logs, name look-ups, the admin port. */
const reservedDescriptors = 128;
/** Taken where the system names no limit: what the smallest of the usual systems would give. */
const presumedLimit = 10_240;

/** What the descriptors of a process allow: connections of clients, all listeners together, and to upstreams. */
export interface ConnectionShares {
  readonly clients: number;
  readonly upstreams: number;
}

/**
 * Divides the descriptors so that whoever is let in can be served: a gateway that accepts a client it cannot forward has
 * only made it wait. Upstreams get what their pools can ever use (`upstreamsMax`) and at most half, clients the rest.
 */
export function connectionSharesOf(limit: number | null, upstreamsMax: number): ConnectionShares {
  const descriptors = limit ?? presumedLimit;
  const reserve = Math.min(reservedDescriptors, Math.floor(descriptors / 2));
  const available = descriptors - reserve;
  const upstreams = Math.max(1, Math.min(upstreamsMax, Math.floor(available / 2)));
  return { clients: Math.max(1, available - upstreams), upstreams };
}
