import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { median } from '../comparison/statistics.ts';
import { freePorts } from '../processes/free-ports.ts';
import { GatewayProcess } from '../processes/gateway-process.ts';
import { PeakMemory, residentBytes } from '../processes/resident-memory.ts';
import { until } from '../processes/until.ts';
import { startUpstream } from '../processes/upstream-process.ts';
import { IdleConnections } from './idle-connections.ts';
import { download, type TransferOptions, upload } from './transfer.ts';

export interface MemoryOptions {
  /** Of each transfer. */
  readonly bytes: number;
  readonly connections: number;
  readonly signal: AbortSignal;
  readonly onStep: (text: string) => void;
}

export interface TransferMemory {
  readonly title: string;
  readonly idleBytes: number;
  readonly peakBytes: number;
}

export interface ConnectionMemory {
  readonly connections: number;
  /** Still open when the memory was read. */
  readonly openConnections: number;
  readonly idleBytes: number;
  readonly heldBytes: number;
}

const settleMs = 2_000;
const warmUpBytes = 1024 * 1024;
const bulkUpstream = join(import.meta.dirname, 'bulk-upstream-main.ts');

const transfers: readonly {
  readonly title: string;
  readonly transfer: (options: TransferOptions) => Promise<void>;
  readonly isSlow: boolean;
}[] = [
  { title: 'download', transfer: download, isSlow: false },
  { title: 'download, client stands still now and then', transfer: download, isSlow: true },
  { title: 'chunked upload', transfer: upload, isSlow: false },
  { title: 'chunked upload, upstream stands still now and then', transfer: upload, isSlow: true },
];

/** The memory of a process that does nothing, over half a second. */
async function settledBytes(pid: number, signal: AbortSignal): Promise<number> {
  await wait(settleMs, undefined, { signal });
  const samples: number[] = [];
  for (let sample = 0; sample < 10; sample += 1) {
    samples.push(residentBytes(pid));
    await wait(50, undefined, { signal });
  }
  return median(samples);
}

async function inDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'portcullis-memory-'));
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Each transfer through a gateway of its own, so that none profits from memory that another one left behind. */
export async function measureTransfers(options: MemoryOptions): Promise<TransferMemory[]> {
  const { signal, bytes } = options;
  return inDirectory(async (directory) => {
    const [port = 0] = await freePorts(1);
    await using _upstream = await startUpstream({
      port,
      core: null,
      directory,
      mainFile: bulkUpstream,
    });
    const results: TransferMemory[] = [];
    for (const [number, { title, transfer, isSlow }] of transfers.entries()) {
      options.onStep(title);
      await using gateway = await GatewayProcess.start({
        name: `memory-${number}`,
        directory,
        core: null,
        signal,
        settings: { upstreamServers: [`127.0.0.1:${port}`] },
      });
      const [session] = await gateway.logIn(1, signal);
      if (session === undefined) throw new Error('no session was opened');
      const request = { port: gateway.edgePort, cookie: session.cookie };
      await until(transfer({ ...request, bytes: warmUpBytes, isSlow: false }), signal);
      const idleBytes = await settledBytes(gateway.pid, signal);
      using memory = new PeakMemory(gateway.pid);
      await until(transfer({ ...request, bytes, isSlow }), signal);
      results.push({ title, idleBytes, peakBytes: memory.peakBytes });
    }
    return results;
  });
}

/** What connections cost that are open and silent. */
export async function measureConnections(options: MemoryOptions): Promise<ConnectionMemory> {
  const { signal, connections: count } = options;
  return inDirectory(async (directory) => {
    const [port = 0] = await freePorts(1);
    await using _upstream = await startUpstream({ port, core: null, directory });
    await using gateway = await GatewayProcess.start({
      name: 'memory',
      directory,
      core: null,
      signal,
      settings: {
        upstreamServers: [`127.0.0.1:${port}`],
        edge: { limits: { connectionsPerAddressMax: 0 }, timeouts: { keepAlive: '10m' } },
      },
    });
    const [session] = await gateway.logIn(1, signal);
    if (session === undefined) throw new Error('no session was opened');
    const request = { port: gateway.edgePort, cookie: session.cookie, signal };
    options.onStep('a few connections, to warm up');
    // Half as many as are measured would already fill the young heap, and hide what connections cost.
    const warmUp = await IdleConnections.open({ ...request, count: Math.min(200, count) });
    warmUp[Symbol.dispose]();
    const idleBytes = await settledBytes(gateway.pid, signal);
    options.onStep(`${count} connections`);
    using connections = await IdleConnections.open({ ...request, count });
    const heldBytes = await settledBytes(gateway.pid, signal);
    return { connections: count, openConnections: connections.openCount, idleBytes, heldBytes };
  });
}
