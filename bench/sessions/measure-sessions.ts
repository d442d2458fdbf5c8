import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadConfig } from '../../src/config/load.ts';
import type { Progress } from '../command/progress.ts';
import { StoreCalls } from '../comparison/store-calls.ts';
import { type CorePlan, planCores } from '../processes/core-plan.ts';
import { cpuTimeMs } from '../processes/cpu-time.ts';
import { freePorts } from '../processes/free-ports.ts';
import { GatewayProcess } from '../processes/gateway-process.ts';
import { gatewaySettingsFile } from '../processes/gateway-settings.ts';
import { until } from '../processes/until.ts';
import { startUpstream } from '../processes/upstream-process.ts';
import type { HeldMemory } from './heap-main.ts';
import { seedSessions } from './seed-sessions.ts';
import { Visitors } from './visitors.ts';

export interface SessionsOptions {
  /** How many sessions, from the smallest to the largest: a gateway each. */
  readonly sizes: readonly number[];
  readonly rounds: number;
  readonly seconds: number;
  readonly directory: string;
  /** Where the heap of the largest is written to; null: nowhere. */
  readonly snapshotPath: string | null;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** One gateway with so many sessions in its cache. */
export interface SessionsFigures {
  readonly sessions: number;
  /** Of each session beyond the smallest size, after a collection; NaN at that size. */
  readonly heapBytesEach: number;
  readonly externalBytesEach: number;
  /** One a round; the n-th of each size belong together. */
  readonly cpuMicrosPerRequest: readonly number[];
  /** While it was timed. */
  readonly storeCalls: number | null;
}

export interface SessionsReport {
  readonly cores: CorePlan;
  readonly figures: readonly SessionsFigures[];
}

interface Seat {
  readonly sessions: number;
  readonly gateway: GatewayProcess;
  readonly heapBytesEach: number;
  readonly externalBytesEach: number;
  readonly cpuMicros: number[];
  storeCalls: number | null;
}

const heapMain = pathToFileURL(join(import.meta.dirname, 'heap-main.ts')).href;
const warmUpSeconds = 3;
const roundWarmUpSeconds = 1;

/** How many steps there will be, for the progress. */
export function stepsOf(sizes: readonly number[], rounds: number): number {
  return sizes.length * (2 + rounds) + 1;
}

export async function measureSessions(options: SessionsOptions): Promise<SessionsReport> {
  const { directory, progress, rounds, seconds, signal, sizes } = options;
  const cores = planCores();
  const [port = 0] = await freePorts(1);
  await using resources = new AsyncDisposableStack();
  resources.use(await startUpstream({ port, core: cores.upstream, directory }));
  const visitors = resources.use(new Visitors({ core: cores.load, directory }));
  const secret = randomBytes(48).toString('base64');
  const seats: Seat[] = [];
  for (const sessions of sizes) {
    progress.step(`${sessions} sessions: logging in`);
    const settings = settingsOf(`127.0.0.1:${port}`, sessions, secret);
    const configPath = join(directory, `seed-${sessions}.yaml`);
    const ports = { edgePort: 1, controlPort: 2, adminPort: 3 };
    writeFileSync(configPath, gatewaySettingsFile({ ...settings, ...ports }), { mode: 0o600 });
    await seedSessions(loadConfig(configPath), sessions, signal);
    progress.step(`${sessions} sessions: a request with each`);
    const start = { directory, signal, core: cores.contender, name: `sessions-${sessions}` };
    const imported = { nodeArguments: ['--import', heapMain], hasChannel: true };
    const gateway = resources.use(await GatewayProcess.start({ ...start, ...imported, settings }));
    const least = sizes[0] ?? sessions;
    seats.push(
      await until(fill({ gateway, configPath, sessions, least, visitors, options }), signal),
    );
  }
  progress.step('warming up');
  for (const { gateway, sessions } of seats) {
    const job = { kind: 'random', port: gateway.edgePort, sessions } as const;
    await until(visitors.perform({ ...job, seconds: warmUpSeconds }), signal);
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const seat of round % 2 === 0 ? seats : seats.toReversed()) {
      progress.step(`round ${round + 1} of ${rounds}: ${seat.sessions} sessions`);
      await until(time(seat, visitors, seconds), signal);
    }
  }
  progress.end();
  const figures = seats.map(
    ({ cpuMicros, externalBytesEach, heapBytesEach, sessions, storeCalls }) => ({
      ...{ sessions, heapBytesEach, externalBytesEach, storeCalls },
      cpuMicrosPerRequest: cpuMicros,
    }),
  );
  return { cores, figures };
}

function settingsOf(upstream: string, sessions: number, secret: string) {
  // Longer than the run, so that nothing is touched; nobody is looked up, for these users are in no directory.
  const times = { idleTimeout: '12h', absoluteTimeout: '24h', sweepInterval: '1h' };
  const most = Math.max(1_000_000, sessions);
  const store = { type: 'sqlite', path: `sessions-${sessions}.db`, sessionsMax: most };
  return {
    upstreamServers: [upstream],
    edge: { limits: { connectionsPerAddressMax: 0 } },
    sections: {
      sessions: { ...times, refreshInterval: '0s', cacheEntriesMax: most, store },
      tokens: { keys: [{ id: 'bench', secret }] },
    },
  };
}

/** A few first, so that what they cost is what sessions cost and not what starting does. */
async function fill(parts: {
  readonly gateway: GatewayProcess;
  readonly configPath: string;
  readonly sessions: number;
  readonly least: number;
  readonly visitors: Visitors;
  readonly options: SessionsOptions;
}): Promise<Seat> {
  const { configPath, gateway, least, options, sessions, visitors } = parts;
  const port = gateway.edgePort;
  await visitors.perform({ kind: 'prepare', configPath, sessions });
  await visitors.perform({ kind: 'each', port, from: 0, to: least });
  await visitors.perform({ kind: 'random', port, sessions: least, seconds: warmUpSeconds });
  const before = await heldBy(gateway, null);
  await visitors.perform({ kind: 'each', port, from: least, to: sessions });
  const isLargest = sessions === options.sizes.at(-1);
  const after = await heldBy(gateway, isLargest ? options.snapshotPath : null);
  const more = sessions - least;
  return {
    ...{ sessions, gateway, cpuMicros: [], storeCalls: 0 },
    heapBytesEach: more === 0 ? NaN : (after.heap - before.heap) / more,
    externalBytesEach: more === 0 ? NaN : (after.external - before.external) / more,
  };
}

async function heldBy(gateway: GatewayProcess, snapshotPath: string | null): Promise<HeldMemory> {
  // Of the one type that heap-main.ts sends.
  return (await gateway.tell({ snapshotPath })) as HeldMemory;
}

async function time(seat: Seat, visitors: Visitors, seconds: number): Promise<void> {
  const { gateway, sessions } = seat;
  const job = { kind: 'random', port: gateway.edgePort, sessions } as const;
  await visitors.perform({ ...job, seconds: roundWarmUpSeconds });
  const calls = new StoreCalls(gateway.adminPort);
  await calls.begin();
  const cpuBeforeMs = cpuTimeMs([gateway.pid]);
  const { requests } = await visitors.perform({ ...job, seconds });
  const cpuMs = cpuTimeMs([gateway.pid]) - cpuBeforeMs;
  seat.cpuMicros.push((cpuMs * 1_000) / requests);
  const counted = await calls.end();
  seat.storeCalls = counted === null || seat.storeCalls === null ? null : seat.storeCalls + counted;
}
