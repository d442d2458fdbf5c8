import type { LoadResult } from '../load/load-job.ts';
import { cpuTimeMs } from '../processes/cpu-time.ts';
import type { LoadProcess } from '../processes/load-process.ts';
import type { Contender } from './contender.ts';

export interface Sample {
  readonly cpuMicrosPerRequest: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly requests: number;
  /** How busy the contender's processes were, of one core. */
  readonly coreShare: number;
  /** Store calls meanwhile, the warm-up included; null where nobody counts them. */
  readonly storeCalls: number | null;
}

export interface MeasureOptions {
  readonly load: LoadProcess;
  readonly connections: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

/** Answers that are not as they must be, seen while timing. */
export class WrongAnswers extends Error {}

function requestsOf(contender: Contender, result: LoadResult): number {
  const requests = result.statuses[contender.expectedStatus] ?? 0;
  const all = Object.values(result.statuses).reduce((sum, count) => sum + count, 0);
  if (requests === 0 || all !== requests || result.errors > 0) {
    const seen = JSON.stringify({ ...result.statuses, errors: result.errors });
    throw new WrongAnswers(`not all answers are ${contender.expectedStatus} under load: ${seen}`);
  }
  return requests;
}

/** Warms up, throws that away, and measures once. */
export async function measure(contender: Contender, options: MeasureOptions): Promise<Sample> {
  const { port, path, isSecure, protocol, cookies } = contender;
  const job = { port, path, isSecure, protocol, cookies, connections: options.connections };
  await contender.storeCalls?.begin();
  if (options.warmUpSeconds > 0) {
    await options.load.run({ ...job, durationSeconds: options.warmUpSeconds });
  }
  const cpuBeforeMs = cpuTimeMs(contender.pids);
  const result = await options.load.run({ ...job, durationSeconds: options.seconds });
  const cpuMs = cpuTimeMs(contender.pids) - cpuBeforeMs;
  const requests = requestsOf(contender, result);
  return {
    cpuMicrosPerRequest: (cpuMs * 1000) / requests,
    requestsPerSecond: requests / result.durationSeconds,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    requests,
    coreShare: cpuMs / (result.durationSeconds * 1000),
    storeCalls: (await contender.storeCalls?.end()) ?? null,
  };
}
