import { type LoadResult, refusals } from '../load/load-job.ts';
import { CoreUse } from '../processes/core-use.ts';
import { CpuMeter } from '../processes/cpu-meter.ts';
import { benchUsers } from '../processes/bench-users.ts';
import type { LoadProcess } from '../processes/load-process.ts';
import type { Contender } from './contender.ts';

export interface Sample {
  readonly cpuMicrosPerRequest: number;
  /** What of it the kernel used. */
  readonly kernelMicrosPerRequest: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly requests: number;
  /** How busy the contender's processes were, of one core. */
  readonly coreShare: number;
  /** How busy the core of the load was; where nobody is pinned, all cores together. */
  readonly loadCoreShare: number | null;
  /** Of all its processes, at the end. */
  readonly rssMiB: number;
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
  const { expectedStatus } = contender;
  const counted = expectedStatus >= 400 ? (result.statuses[refusals] ?? 0) : 0;
  const requests = counted + (result.statuses[expectedStatus] ?? 0);
  const all = Object.values(result.statuses).reduce((sum, count) => sum + count, 0);
  if (requests === 0 || all !== requests || result.errors > 0) {
    const seen = JSON.stringify({ ...result.statuses, errors: result.errors });
    throw new WrongAnswers(`not all answers are ${expectedStatus} under load: ${seen}`);
  }
  return requests;
}

/** Warms up, throws that away, and measures once. */
export async function measure(contender: Contender, options: MeasureOptions): Promise<Sample> {
  const { port, path, isSecure, protocol, cookies, bodyBytes, pids } = contender;
  const job = {
    ...{ port, path, isSecure, protocol, cookies, connections: options.connections },
    ...(bodyBytes !== undefined && { bodyBytes }),
    ...(contender.requestsPerSecond !== undefined && {
      requestsPerSecond: contender.requestsPerSecond,
    }),
    ...(protocol === 'mixed' && { logins: benchUsers }),
  };
  await contender.storeCalls?.begin();
  if (options.warmUpSeconds > 0) {
    await options.load.run({ ...job, durationSeconds: options.warmUpSeconds });
  }
  const loadCore = new CoreUse(options.load.core);
  const cpu = new CpuMeter(pids);
  const result = await options.load.run({ ...job, durationSeconds: options.seconds });
  const [cpuMs, systemMs] = [cpu.ms, cpu.systemMs];
  const loadCoreShare = loadCore.share;
  const requests = requestsOf(contender, result);
  const { p50Ms, p90Ms, p99Ms, p999Ms } = result;
  return {
    cpuMicrosPerRequest: (cpuMs * 1000) / requests,
    kernelMicrosPerRequest: (systemMs * 1000) / requests,
    requestsPerSecond: requests / result.durationSeconds,
    ...{ p50Ms, p90Ms, p99Ms, p999Ms, requests, loadCoreShare },
    coreShare: cpuMs / (result.durationSeconds * 1000),
    rssMiB: cpu.residentMiB,
    storeCalls: (await contender.storeCalls?.end()) ?? null,
  };
}
