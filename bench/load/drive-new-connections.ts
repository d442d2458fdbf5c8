import { performance } from 'node:perf_hooks';
import { KeptConnection, requestText } from '../processes/kept-connection.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import type { LoadJob, LoadResult } from './load-job.ts';

/** Clients of whom each opens a connection, asks once, reads the answer and closes, again and again. */
export async function driveNewConnections(job: LoadJob): Promise<LoadResult> {
  const { connections, cookies, path, port } = job;
  const texts = cookies.map((cookie) => requestText(path, cookie));
  const latencies = new LatencyHistogram();
  const statuses: Record<string, number> = {};
  const startMs = performance.now();
  const endMs = startMs + job.durationSeconds * 1000;
  let begun = 0;
  const come = async (): Promise<void> => {
    while (performance.now() < endMs) {
      const beganMs = performance.now();
      const text = texts[begun % texts.length] ?? '';
      begun += 1;
      const connection = await KeptConnection.open(port);
      const { status } = await connection.ask(text);
      connection.close();
      latencies.add(performance.now() - beganMs);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, come));
  const durationSeconds = (performance.now() - startMs) / 1000;
  return { durationSeconds, statuses, errors: 0, ...latencies.percentiles };
}
