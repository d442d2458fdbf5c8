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

/**
 * How many client connections may be open at once, all listeners together, so that each of them still finds a
 * descriptor for an upstream connection: a gateway that accepts a client it cannot serve has only made it wait.
 * `configured` 0: as many as that. A smaller configured number wins; a larger one cannot be kept and does not.
 */
export function connectionsMaxFor(limit: number | null, configured: number): number {
  const descriptors = limit ?? presumedLimit;
  const reserve = Math.min(reservedDescriptors, Math.floor(descriptors / 2));
  const possible = Math.max(1, Math.floor((descriptors - reserve) / 2));
  return configured === 0 ? possible : Math.min(configured, possible);
}
