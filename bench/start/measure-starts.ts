import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../src/lib/clock.ts';
import { median } from '../comparison/statistics.ts';
import { ask } from '../processes/ask.ts';
import { Child } from '../processes/child.ts';
import { cpuTimeMs } from '../processes/cpu-time.ts';
import { freePorts } from '../processes/free-ports.ts';
import { gatewaySettingsFile } from '../processes/gateway-settings.ts';
import { poll } from '../processes/poll.ts';
import { residentBytes } from '../processes/resident-memory.ts';
import { processTree } from '../processes/process-tree.ts';
import type { StartFigures, StartSample } from './start-figures.ts';

export interface StartPlan {
  readonly rounds: number;
  /** How long a gateway idles before its memory is looked at. Nobody tells it to collect anything. */
  readonly idleMs: number;
  readonly directory: string;
  readonly signal: AbortSignal;
  /** Hears of each step. */
  readonly step: (text: string) => void;
}

const startTimeoutMs = 30_000;
const mainFile = join(import.meta.dirname, '../../src/main.ts');
const firstAnswerMsMax = 600;
const rssMiBMax = { memory: 100, redis: 120 };

/**
 * Starts one gateway after the other on the same cache of compiled sources. What the first one needs is thrown away: it
 * fills the cache, as the first start of a clone does.
 */
export async function measureStarts({
  redis,
  ...plan
}: StartPlan & {
  /** Null: sessions in memory. */ readonly redis: string | null;
}): Promise<StartFigures> {
  const store = redis === null ? 'memory' : 'redis';
  const rounds: StartSample[] = [];
  for (let round = 0; round <= plan.rounds; round += 1) {
    plan.step(round === 0 ? `${store}: first start` : `${store}: start ${round} of ${plan.rounds}`);
    const sample = await startOnce(store, redis, round === 0 ? { ...plan, idleMs: 0 } : plan);
    if (round > 0) rounds.push(sample);
  }
  const limits = { firstAnswerMs: firstAnswerMsMax, rssMiB: rssMiBMax[store] };
  const firstAnswerMs = median(rounds.map((one) => one.firstAnswerMs));
  const rssMiB = median(rounds.map((one) => one.rssMiB));
  const isMet = firstAnswerMs <= limits.firstAnswerMs && rssMiB <= limits.rssMiB;
  return { store, firstAnswerMs, rssMiB, limits, isMet, rounds };
}

async function startOnce(
  store: StartFigures['store'],
  redis: string | null,
  { directory, idleMs, signal }: StartPlan,
): Promise<StartSample> {
  const [edgePort = 0, controlPort = 0, adminPort = 0, upstreamPort = 0] = await freePorts(4);
  mkdirSync(directory, { recursive: true });
  const settingsPath = join(directory, `${store}.yaml`);
  const sections = {
    sessions: redis === null ? {} : { store: { type: 'redis', servers: [redis] } },
    ...(redis !== null && {
      tokens: { keys: [{ id: 'k', secret: randomBytes(48).toString('base64') }] },
    }),
  };
  writeFileSync(
    settingsPath,
    gatewaySettingsFile({
      ...{ edgePort, controlPort, adminPort, sections },
      upstreamServers: [`127.0.0.1:${String(upstreamPort)}`],
    }),
    { mode: 0o600 },
  );
  const startedMs = systemClock.monotonic();
  await using child = new Child({
    name: `the gateway (${store})`,
    command: process.execPath,
    arguments: [mainFile, 'start', '--config', settingsPath],
    logPath: join(directory, `gateway-${store}.log`),
    // As `npm start` has it.
    environment: { NODE_COMPILE_CACHE: join(directory, 'compile-cache') },
  });
  // Nobody has logged in, so it says 401: that is an answer.
  const hasAnswered = async (): Promise<boolean> => {
    if (child.hasEnded) throw new Error(`the gateway does not start: ${child.logTail()}`);
    return await ask({ port: edgePort, path: '/api/' }).then(
      ({ status }) => status === 401,
      () => false,
    );
  };
  const patience = { clock: systemClock, timeoutMs: startTimeoutMs, intervalMs: 2, signal };
  if (!(await poll(hasAnswered, patience))) throw new Error('the gateway does not answer');
  const firstAnswerMs = systemClock.monotonic() - startedMs;
  const cpuMs = cpuTimeMs(processTree(child.pid));
  await wait(idleMs, undefined, { signal });
  const processesMiB = processTree(child.pid).map((pid) => residentBytes(pid) / 1_048_576);
  const rssMiB = processesMiB.reduce((sum, one) => sum + one, 0);
  return { firstAnswerMs, cpuMs, rssMiB, processesMiB };
}
