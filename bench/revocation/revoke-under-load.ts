import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { systemClock } from '../../src/lib/clock.ts';
import type { Progress } from '../command/progress.ts';
import { childPids } from '../processes/cpu-time.ts';
import { freePorts } from '../processes/free-ports.ts';
import { GatewayProcess } from '../processes/gateway-process.ts';
import { metricSum, readMetrics } from '../processes/metrics.ts';
import { poll } from '../processes/poll.ts';
import { RedisProcess } from '../processes/redis-process.ts';
import { until } from '../processes/until.ts';
import { startUpstream } from '../processes/upstream-process.ts';
import type { BackgroundResult } from './background-job.ts';
import { Background } from './background.ts';
import { BareMessages } from './bare-messages.ts';
import { requestsOfRevocation, RevocationLane, type RevocationTally } from './revocation-lane.ts';
import { connectToWorkers, type ReachedNode } from './worker-connections.ts';

/** So many revocations, so many of them a second. */
export interface RevocationPace {
  readonly revocations: number;
  readonly perSecond: number;
}

export interface RevocationOptions {
  /** One after the other. */
  readonly paces: readonly RevocationPace[];
  readonly requestsPerSecond: number;
  readonly workers: number;
  readonly atOnce: number;
  readonly directory: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What was seen at one pace. */
export interface RevocationFigures {
  readonly pace: RevocationPace;
  readonly tally: Readonly<RevocationTally>;
  readonly seconds: number;
  /** From sending the script that commits to the last acknowledgement. */
  readonly sinceSentMs: readonly number[];
  /** From the answer to it. */
  readonly sinceAnsweredMs: readonly number[];
  /** A bare message to as many subscribers and back. */
  readonly bareMs: readonly number[];
}

export interface RevocationReport {
  readonly figures: readonly RevocationFigures[];
  readonly background: BackgroundResult;
  /** Members that did not acknowledge in time. */
  readonly unacknowledged: number;
}

const nodes = 2;
/** Of people who stay. */
const sessionsOfOthers = 1_000;
const startTimeoutMs = 60_000;
const warmUp: RevocationPace = { revocations: 200, perSecond: 50 };
/** How often it says how far it is. */
export const progressSteps = 50;
const recorderUrl = pathToFileURL(join(import.meta.dirname, 'settlement-main.ts')).href;

export async function revokeUnderLoad(options: RevocationOptions): Promise<RevocationReport> {
  const { atOnce, directory, paces, progress, signal, workers } = options;
  const settlements = join(directory, 'settlements');
  mkdirSync(settlements);
  const members = nodes * workers;
  const [port = 0] = await freePorts(1);
  await using resources = new AsyncDisposableStack();
  const redis = resources.use(await RedisProcess.start({ directory, core: null, signal }));
  resources.use(await startUpstream({ port, core: null, directory }));
  const gateways = await startNodes(options, { redis, port, settlements }, resources);
  const cookies: string[] = [];
  for (const one of (await gateways[0]?.logIn(sessionsOfOthers, signal)) ?? []) {
    cookies.push(one.cookie);
  }
  const reached = gateways.map(({ edgePort, pid }): ReachedNode => {
    return { port: edgePort, workerPids: childPids(pid) };
  });
  const lanes = await openLanes(reached, atOnce, signal);
  resources.defer(() => lanes.forEach((lane) => lane.lane.close()));
  // Of the slowest pace: at the others there is more.
  const own = Math.min(...paces.map((one) => one.perSecond)) * requestsOfRevocation(members);
  const requestsPerSecond = Math.max(1, options.requestsPerSecond - own);
  const load = await Background.start({ nodes: reached, requestsPerSecond, cookies }, directory);
  resources.use(load);
  const bare = resources.use(await BareMessages.start(redis.port, members, directory));
  await until(
    revokeAll(lanes, warmUp, signal, () => {}),
    signal,
  );
  await load.begin();
  const runs: Run[] = [];
  for (const pace of paces) {
    const skipped = (await bare.timesMs()).length;
    for (const { tally } of lanes) Object.assign(tally, emptyTally());
    const sinceMs = machineMs();
    await until(revokeAll(lanes, pace, signal, showing(pace, progress)), signal);
    runs.push({
      ...{ pace, sinceMs, untilMs: machineMs(), tally: sumOf(lanes.map(({ tally }) => tally)) },
      bareMs: (await bare.timesMs()).slice(skipped),
    });
  }
  const background = await load.finish();
  const unacknowledged = await unacknowledgedOf(gateways);
  for (const gateway of gateways) await gateway[Symbol.asyncDispose]();
  const times = readTimes(settlements);
  return { figures: runs.map((run) => figuresOf(run, times)), background, unacknowledged };
}

interface Run extends Pick<RevocationFigures, 'pace' | 'tally' | 'bareMs'> {
  readonly sinceMs: number;
  readonly untilMs: number;
}

function figuresOf(
  { bareMs, pace, sinceMs, tally, untilMs }: Run,
  times: readonly Settlement[],
): RevocationFigures {
  const own = times.filter(([atMs]) => atMs >= sinceMs && atMs <= untilMs);
  return {
    ...{ pace, tally, bareMs, seconds: (untilMs - sinceMs) / 1_000 },
    sinceSentMs: own.map(([, sent]) => sent),
    sinceAnsweredMs: own.map(([, , answered]) => answered),
  };
}

interface Lane {
  readonly lane: RevocationLane;
  readonly tally: RevocationTally;
}

async function startNodes(
  { directory, signal, workers }: RevocationOptions,
  parts: { readonly redis: RedisProcess; readonly port: number; readonly settlements: string },
  resources: AsyncDisposableStack,
): Promise<GatewayProcess[]> {
  const { port, redis, settlements } = parts;
  const secret = randomBytes(48).toString('base64');
  const gateways: GatewayProcess[] = [];
  for (let node = 1; node <= nodes; node += 1) {
    const gateway = await GatewayProcess.start({
      name: `node-${node}`,
      directory,
      core: null,
      signal,
      environment: {
        PORTCULLIS_BENCH_SETTLEMENTS: settlements,
        NODE_OPTIONS: `--import=${recorderUrl}`,
      },
      settings: {
        upstreamServers: [`127.0.0.1:${port}`],
        edge: { limits: { connectionsPerAddressMax: 0 } },
        sections: {
          workers,
          control: { socket: `node-${node}/control.sock` },
          sessions: {
            store: { type: 'redis', servers: [redis.address] },
            // Each node has its own hashes of the same passwords: to a look-up they would have been changed.
            refreshInterval: '0s',
          },
          tokens: { keys: [{ id: 'bench', secret }] },
          coherence: { staleness: '1s' },
        },
      },
    });
    gateways.push(gateway);
    resources.use(gateway);
  }
  const isComplete = async (): Promise<boolean> => {
    const known = await redis.command('HLEN', '{gw}:members');
    return known === nodes * workers;
  };
  const waiting = { clock: systemClock, timeoutMs: startTimeoutMs, intervalMs: 100, signal };
  if (!(await poll(isComplete, waiting))) throw new Error('not all workers are members');
  return gateways;
}

async function openLanes(
  reached: readonly ReachedNode[],
  atOnce: number,
  signal: AbortSignal,
): Promise<Lane[]> {
  const byWorker = (
    await Promise.all(reached.map((node) => connectToWorkers(node, atOnce, signal)))
  ).flat();
  return Array.from({ length: atOnce }, (_, index) => {
    const tally = emptyTally();
    const connections = byWorker.flatMap((ofWorker) => ofWorker[index] ?? []);
    return { lane: new RevocationLane(connections, tally), tally };
  });
}

/** At the wanted rate, or as fast as the lanes are free again. */
async function revokeAll(
  lanes: readonly Lane[],
  { perSecond, revocations }: RevocationPace,
  signal: AbortSignal,
  onDone: (done: number) => void,
): Promise<void> {
  const startMs = systemClock.monotonic();
  let next = 0;
  let done = 0;
  const run = async ({ lane }: Lane): Promise<void> => {
    while (next < revocations) {
      signal.throwIfAborted();
      const index = next++;
      const dueMs = startMs + (index * 1_000) / perSecond;
      const waitMs = dueMs - systemClock.monotonic();
      if (waitMs >= 1) await pause(waitMs, undefined, { signal });
      await lane.revoke(index);
      done += 1;
      onDone(done);
    }
  };
  await Promise.all(lanes.map(run));
}

function showing({ revocations }: RevocationPace, progress: Progress): (done: number) => void {
  const every = Math.max(1, Math.floor(revocations / progressSteps));
  return (done) => {
    if (done % every === 0) progress.step(`${done} of ${revocations} sessions ended`);
  };
}

async function unacknowledgedOf(gateways: readonly GatewayProcess[]): Promise<number> {
  let sum = 0;
  for (const { adminPort } of gateways) {
    const samples = await readMetrics(adminPort);
    sum += metricSum(samples, 'portcullis_coherence_unacknowledged_total') ?? NaN;
  }
  return sum;
}

/** As the workers write it down. */
function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

type Settlement = readonly [atMs: number, sinceSentMs: number, sinceAnsweredMs: number];

function readTimes(folder: string): Settlement[] {
  return readdirSync(folder).flatMap((file) =>
    readFileSync(join(folder, file), 'utf8')
      .trim()
      .split('\n')
      .map((line): Settlement => {
        const [atMs = NaN, sent = NaN, answered = NaN] = line.split(' ').map(Number);
        return [atMs, sent, answered];
      }),
  );
}

function emptyTally(): RevocationTally {
  return { revocations: 0, requests: 0, checks: 0, stale: 0, outages: 0 };
}

function sumOf(tallies: readonly RevocationTally[]): RevocationTally {
  const sum = emptyTally();
  for (const { checks, outages, requests, revocations, stale } of tallies) {
    sum.revocations += revocations;
    sum.requests += requests;
    sum.checks += checks;
    sum.stale += stale;
    sum.outages += outages;
  }
  return sum;
}
