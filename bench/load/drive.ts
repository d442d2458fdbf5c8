import autocannon, { type Client } from 'autocannon';
import { LatencyHistogram } from './latency-histogram.ts';
import type { LoadJob, LoadResult } from './load-job.ts';

/** One run of autocannon. Runs in a process of its own, so that its cost is in nobody's figures. */
export async function drive(job: LoadJob): Promise<LoadResult> {
  const latencies = new LatencyHistogram();
  const { bodyBytes } = job;
  const post = bodyBytes !== undefined && { method: 'POST', body: 'b'.repeat(bodyBytes) };
  let connection = 0;
  const result = await autocannon({
    url: `${job.isSecure ? 'https' : 'http'}://127.0.0.1:${job.port}${job.path}`,
    connections: job.connections,
    duration: job.durationSeconds,
    sampleInt: 100,
    setupClient: (client: Client) => {
      const share = job.cookies.filter((_, index) => index % job.connections === connection);
      connection += 1;
      // More connections than cookies: the first ones are used again.
      const some = share.length > 0 ? share : job.cookies.slice(0, 1);
      // Requests are made up front, each with its body.
      const cookies = post ? some.slice(0, 1) : some;
      if (cookies.length > 0) {
        client.setRequests(cookies.map((cookie) => ({ headers: { cookie }, ...post })));
      }
      client.on('response', (_status: number, _bytes: number, latencyMs: number) =>
        latencies.add(latencyMs),
      );
    },
  });
  return {
    durationSeconds: result.duration,
    statuses: Object.fromEntries(
      Object.entries(result.statusCodeStats).map(([status, { count }]) => [status, count]),
    ),
    errors: result.errors,
    ...latencies.percentiles,
  };
}
