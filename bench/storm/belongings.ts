import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { GatewayProcess } from '../processes/gateway-process.ts';
import { type MetricSample, readMetrics } from '../processes/metrics.ts';

/** What a gateway has open. */
export interface Belongings {
  readonly descriptors: number;
  readonly sockets: number;
  /** By its own count; connections of whoever asks for the metrics are not among them. */
  readonly clientConnections: number;
  readonly upstreamConnections: number;
  /** Timers that keep the process alive; null where the runtime does not say. */
  readonly timers: number | null;
}

const closingMs = 100;

function sumOf(samples: readonly MetricSample[], name: string): number {
  const found = samples.filter(
    (sample) => sample.name === name && !sample.labels.includes('listener="admin"'),
  );
  if (found.length === 0) throw new Error(`/metrics has no ${name}`);
  return found.reduce((sum, { value }) => sum + value, 0);
}

function timersOf(samples: readonly MetricSample[]): number | null {
  const resources = samples.filter(({ name }) => name === 'nodejs_active_resources');
  if (resources.length === 0) return null;
  const timers = resources.filter(({ labels }) => /type="(?:Timeout|Immediate)"/.test(labels));
  return timers.reduce((sum, { value }) => sum + value, 0);
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // Closed while we looked.
  }
}

export async function countBelongings(gateway: GatewayProcess): Promise<Belongings> {
  const samples = await readMetrics(gateway.adminPort);
  // Time for the connection that we asked over to be closed.
  await wait(closingMs);
  const directory = `/proc/${gateway.pid}/fd`;
  const descriptors = readdirSync(directory);
  const sockets = descriptors.filter((name) =>
    linkOf(`${directory}/${name}`).startsWith('socket:'),
  );
  return {
    descriptors: descriptors.length,
    sockets: sockets.length,
    clientConnections: sumOf(samples, 'portcullis_connections_active'),
    upstreamConnections: sumOf(samples, 'portcullis_upstream_connections_open'),
    timers: timersOf(samples),
  };
}

/** One sentence for everything that there is more of than before. */
export function leftBehind(before: Belongings, after: Belongings): string[] {
  const names = {
    descriptors: 'file descriptors',
    sockets: 'sockets',
    clientConnections: 'client connections',
    upstreamConnections: 'upstream connections',
    timers: 'timers',
  } as const;
  return Object.entries(names).flatMap(([key, name]) => {
    // The keys of `names` are those of Belongings.
    const [was, is] = [before[key as keyof Belongings], after[key as keyof Belongings]];
    if (was === null || is === null || is <= was) return [];
    return [`${is - was} ${name} more than before (${was} → ${is})`];
  });
}
