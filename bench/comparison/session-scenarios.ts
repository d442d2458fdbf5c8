import { Progress } from '../command/progress.ts';
import type { ResultRow } from '../results/result-file.ts';
import { rowOf } from '../results/result-rows.ts';
import { measureSessions, type SessionsReport, stepsOf } from '../sessions/measure-sessions.ts';
import type { RunOptions } from './run-scenario.ts';

/** How many sessions of distinct users there are, by the name of the scenario. */
export const sessionSizes: ReadonlyMap<string, number> = new Map([
  ['sessions-1e3', 1_000],
  ['sessions-1e4', 10_000],
  ['sessions-1e5', 100_000],
  ['sessions-1e6', 1_000_000],
]);

/** A login, a token and a request of each, in seconds. */
const fillSeconds = 1 / 12_000;
const startSeconds = 12;
const warmUpSeconds = 4;

type Timing = Pick<RunOptions, 'rounds' | 'seconds'>;

/** About how long it will take, in seconds. */
export function plannedSessionSeconds(sizes: readonly number[], timing: Timing): number {
  const { rounds, seconds } = timing;
  return sizes.reduce(
    (sum, size) => sum + startSeconds + size * fillSeconds + warmUpSeconds + rounds * (seconds + 1),
    0,
  );
}

/** Gateways with so many sessions in their caches, over random ones of which the requests go. */
export async function runSessions(
  sizes: readonly number[],
  options: RunOptions,
): Promise<{ readonly rows: readonly ResultRow[]; readonly report: SessionsReport }> {
  const { directory, progress, rounds, seconds, signal } = options;
  const text = `sessions, up to ${sizes.at(-1)}: ${stepsOf(sizes, rounds)} steps`;
  progress.step(text, plannedSessionSeconds(sizes, options));
  const report = await measureSessions({
    ...{ sizes, rounds, seconds, directory, signal, snapshotPath: null },
    progress: Progress.silent(),
  });
  const rows = report.figures.map(({ cpuMicrosPerRequest, sessions }) => {
    const [name = ''] = [...sessionSizes].find(([, size]) => size === sessions) ?? [];
    const names = {
      ...{ scenario: name, contender: 'portcullis', title: 'Portcullis', connections: 64 },
      note: `${sessions} sessions in a file and in the cache; nothing but CPU time is measured`,
    };
    const nothing = { requestsPerSecond: null, p50Ms: null, p90Ms: null, p99Ms: null };
    const others = { p999Ms: null, rssMiB: null, coreShare: null, loadCoreShare: null };
    return rowOf(
      names,
      cpuMicrosPerRequest.map((micros) => ({
        ...{ cpuMicrosPerRequest: micros, ...nothing, ...others, wasBusy: true },
      })),
    );
  });
  return { rows, report };
}
