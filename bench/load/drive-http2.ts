import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LatencyHistogram } from './latency-histogram.ts';
import type { LoadJob, LoadResult } from './load-job.ts';
import { runTool } from './run-tool.ts';

/** Requests under way on each connection: as many in all as there are connections elsewhere. */
const streams = 8;

/** One run of h2load. It sends one cookie on all connections; whose it is costs nobody more or less. */
export async function driveHttp2(job: LoadJob): Promise<LoadResult> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-h2load-'));
  try {
    const log = join(folder, 'log');
    const [cookie] = job.cookies;
    // It knows whole seconds.
    const durationSeconds = Math.ceil(job.durationSeconds);
    const output = await runTool('h2load', [
      ...['-D', String(durationSeconds), '-t', '1', '-m', String(streams)],
      ...['-c', String(Math.max(1, Math.round(job.connections / streams)))],
      ...['--log-file', log, ...(cookie === undefined ? [] : ['-H', `cookie: ${cookie}`])],
      `https://127.0.0.1:${job.port}${job.path}`,
    ]);
    const failed = /(\d+) failed, (\d+) errored, (\d+) timeout/.exec(output);
    const errors = (failed?.slice(1) ?? ['1']).reduce((sum, count) => sum + Number(count), 0);
    return { ...read(await readFile(log, 'latin1')), durationSeconds, errors };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Each line: when it began, its status, how many microseconds it took. */
function read(log: string): Omit<LoadResult, 'durationSeconds' | 'errors'> {
  const latencies = new LatencyHistogram();
  const statuses: Record<string, number> = {};
  for (const line of log.split('\n')) {
    const [, status, micros] = line.split('\t');
    if (status === undefined || micros === undefined) continue;
    statuses[status] = (statuses[status] ?? 0) + 1;
    latencies.add(Number(micros) / 1000);
  }
  return { statuses, ...latencies.percentiles };
}
